from odoo import api, fields, models, tools

#: Settings that are asked at each transfer or start: kept in memory.
KEPT = frozenset({"quality_news", "quality_start_after_receipt"})


class ResCompany(models.Model):
    """Who hears what without asking, and what waits for a receipt (D1, D4)."""

    _inherit = "res.company"  # pylint: disable=R8180  # a chapter of its own

    quality_news = fields.Boolean(
        "Tell without Being Asked",
        help="Sales, production and quality hear by themselves of goods put on hold, released or "
        "scrapped, of material that arrives or is late, and of shipments.",
    )
    quality_news_customer = fields.Selection(
        [
            ("off", "Not from here"),
            ("draft", "Prepare the message for sales"),
            ("automatic", "Send the message at once"),
        ],
        "Tell the Customer of Shipments",
        default="off",
        required=True,
    )
    quality_start_after_receipt = fields.Boolean(
        "Start after Receipt",
        help="A manufacturing order under a production notice is started only once production "
        "has signed for the notice.",
    )

    def write(self, vals):
        """Forget which companies have switched something on, which is kept in memory."""
        result = super().write(vals)
        if not KEPT.isdisjoint(vals):
            self.env.registry.clear_cache()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        if any(not KEPT.isdisjoint(vals) for vals in vals_list):
            self.env.registry.clear_cache()
        return companies

    @api.model
    @tools.ormcache("name")
    def _get_quality_on(self, name):
        """Return the ids of the companies that have switched a setting on (frozenset).

        Without a query, so that nothing is looked up where nobody uses it.

        :param name: name of the setting, one of ``KEPT``
        """
        return frozenset(self.sudo().search([(name, "=", True)]).ids)  # settings are no secret
