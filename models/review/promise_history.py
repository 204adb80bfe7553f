from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL

#: Fewer past promises than this tell nothing.
ENOUGH = 5


class QualityPromise(models.AbstractModel):
    """How past promises were held: the chapter about deliveries (B5)."""

    _inherit = "quality.promise"  # pylint: disable=R8180  # a chapter of its own

    def _get_history(self, products, now):
        """Return how many promises of the last twelve months were held, where there are enough.

        Of the product itself, else of its category. A promise is an order line; it was held
        when all of it left by the deadline of its delivery, and was not when that passed.

        :return: dict of product → values of ``kept_count`` and ``promise_count``
        """
        by_product, by_category = self._count_promises(products, now)
        history = {}
        for product in products:
            for kept, total in (
                by_product.get(product.id, (0, 0)),
                by_category.get(product.categ_id.id, (0, 0)),
            ):
                if total >= ENOUGH:
                    history[product] = {"kept_count": kept, "promise_count": total}
                    break
        return history

    def _count_promises(self, products, now):
        self.env["stock.move"].flush_model()
        self.env["sale.order"].flush_model(["commitment_date"])
        self.env["sale.order.line"].flush_model(["quality_kind_choice"])
        self.env["product.template"].flush_model(["categ_id"])
        by_product, by_category = {}, defaultdict(lambda: (0, 0))
        for product, category, kept, total in self.env.execute_query(
            SQL(
                """
                SELECT promise.product_id, promise.categ_id,
                       COUNT(*) FILTER (WHERE promise.kept), COUNT(*)
                  FROM (
                    SELECT line.id, line.product_id, template.categ_id,
                           BOOL_AND(
                               move.state = 'done' AND move.date::date
                               <= COALESCE(move.date_deadline, ordered.commitment_date)::date
                           ) AS kept
                      FROM stock_move move
                      JOIN stock_location destination ON destination.id = move.location_dest_id
                      JOIN sale_order_line line ON line.id = move.sale_line_id
                      JOIN sale_order ordered ON ordered.id = line.order_id
                      JOIN product_product product ON product.id = line.product_id
                      JOIN product_template template ON template.id = product.product_tmpl_id
                     WHERE move.company_id = %(company)s
                       AND move.date >= %(since)s
                       AND destination.usage = 'customer'
                       AND move.state NOT IN ('draft', 'cancel')
                       AND move.origin_returned_move_id IS NULL
                       AND line.quality_kind_choice IS DISTINCT FROM 'sample'
                       AND COALESCE(move.date_deadline, ordered.commitment_date) IS NOT NULL
                       AND (
                           move.state = 'done'
                           OR COALESCE(move.date_deadline, ordered.commitment_date) < %(now)s
                       )
                       AND (
                           line.product_id = ANY(%(products)s)
                           OR template.categ_id = ANY(%(categories)s)
                       )
                  GROUP BY line.id, line.product_id, template.categ_id
                ) promise
              GROUP BY promise.product_id, promise.categ_id
                """,
                company=self.env.company.id,
                since=now - relativedelta(years=1),
                now=now,
                products=products.ids,
                categories=products.categ_id.ids,
            )
        ):
            by_product[product] = (kept, total)
            held, count = by_category[category]
            by_category[category] = (held + kept, count + total)
        return by_product, by_category
