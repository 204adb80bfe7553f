import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_list

from ...lib.canonical import canonical, digest
from ..blocks.defaults import without_defaults
from ..blocks.price import PRICE_GROUPS
from ..blocks.state_order import in_order

#: States in which departments are being asked.
RUNNING = ("review", "decision", "objected")


class QualityContractReview(models.Model):
    """Contract review: the departments decide whether the company can keep what it promises.

    ISO 9001 8.2.3; clauses B1 and B6. One document per revision; the departments' answers are
    opinions on its quality record. What was reviewed is kept as canonical JSON with its hash,
    so that an order changed afterwards is seen to be another one than the one approved.
    """

    _name = "quality.contract.review"
    _description = "Contract Review"
    _inherit = ["quality.record.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _record_prefix = "CR"
    _work_template = "customer_quality.work_facts_contract_review"
    _takes_conditions = True
    _meeting_template = "customer_quality.work_review_meeting"
    _content_fields = (
        "template_id",
        "line_ids",
        "conclusion",
        "content",
        "content_hash",
        "public_hash",
    )

    _user_fields = ("conclusion", "template_id")

    revision = fields.Integer(default=1, readonly=True, copy=False)
    supersedes_id = fields.Many2one(
        "quality.contract.review",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    superseded_by_ids = fields.One2many("quality.contract.review", "supersedes_id", readonly=True)
    state = fields.Selection(
        [
            ("draft", "To Request"),
            ("review", "In Review"),
            ("decision", "To Decide"),
            ("objected", "Objected"),
            ("approved", "Approved"),
            ("superseded", "Superseded"),
            ("void", "Void"),
        ],
        group_expand=in_order,
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    is_baseline = fields.Boolean(
        "Adopted",
        readonly=True,
        copy=False,
        help="The order was already agreed when the company switched contract review on.",
    )
    template_id = fields.Many2one(
        "quality.opinion.template", check_company=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, ondelete="restrict", index=True
    )
    date_promised = fields.Datetime("Promised Date", readonly=True)
    date_requested = fields.Datetime(readonly=True, copy=False)
    date_decided = fields.Datetime(readonly=True, copy=False)

    _requested_idx = models.Index("(date_requested)")

    # What is reviewed
    line_ids = fields.One2many("quality.contract.review.line", "review_id", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_untaxed = fields.Monetary(readonly=True, groups=PRICE_GROUPS)
    terms = fields.Html(readonly=True)
    content = fields.Text(readonly=True, copy=False, groups=PRICE_GROUPS)
    content_hash = fields.Char("Fingerprint", readonly=True, copy=False, groups=PRICE_GROUPS)
    public_hash = fields.Char("Fingerprint without Prices", readonly=True, copy=False)
    is_stale = fields.Boolean(compute="_compute_is_stale")
    is_short = fields.Boolean("Stock Falls Short", compute="_compute_is_short")

    # What is decided
    conclusion = fields.Text(tracking=True, help="Written by sales, who preside over the review.")
    missing = fields.Char("What Is Missing", compute="_compute_missing")
    signoff_summary = fields.Json(compute="_compute_signoff_summary")
    sees_prices = fields.Boolean(compute="_compute_sees_prices")
    absent_ids = fields.Many2many(
        "quality.role.assignment",
        compute="_compute_absent_ids",
        compute_sudo=True,
        string="Not Applicable",
    )

    @api.depends("state", "content_hash")
    def _compute_is_stale(self):
        stale = self._filter_stale()
        for review in self:
            review.is_stale = review in stale

    @api.depends("line_ids.shortage")
    def _compute_is_short(self):
        for review in self:
            review.is_short = any(line.shortage > 0 for line in review.line_ids)

    @api.depends("state", "is_stale", "opinion_ids.state", "opinion_ids.answer")
    @api.depends_context("lang")
    def _compute_missing(self):
        for review in self:
            review.missing = review._get_refusal() or False

    @api.depends("opinion_ids.state", "opinion_ids.answer", "opinion_ids.role_id")
    @api.depends_context("lang")
    def _compute_signoff_summary(self):
        worst = {"agree": 0, "condition": 1, "object": 2}
        for review in self:
            chips = []
            for role, opinions in (
                review.opinion_ids.filtered(lambda o: o.state != "void").grouped("role_id").items()
            ):
                pending = opinions.filtered(lambda o: o.state == "open")
                answers = opinions.filtered("answer").mapped("answer")
                signed = opinions.filtered("signature_id")[:1]
                chips.append(
                    {
                        "role": role.name,
                        "state": "open"
                        if pending
                        else max(answers, key=worst.get, default="agree"),
                        "who": pending[:1].user_id.name if pending else signed.signed_by,
                        "when": fields.Datetime.to_string(signed.signed_on) if signed else False,
                    }
                )
            review.signoff_summary = chips

    @api.depends("template_id")
    def _compute_absent_ids(self):
        for review in self:
            roles = review.template_id.item_ids.role_id
            assignments = roles._get_assignments(review.company_id).values()
            review.absent_ids = [line.id for line in assignments if line.not_applicable]

    @api.depends_context("uid")
    def _compute_sees_prices(self):
        self.sees_prices = self.env.user.has_groups(PRICE_GROUPS)

    # CRUD

    def write(self, vals):
        """Let sales choose the template before asking, and write while departments answer.

        Afterwards the conclusion is what sales sign, and the template what was asked.

        :raise UserError: naming the review for which it is too late
        """
        for name, states in (("template_id", ("draft",)), ("conclusion", ("draft", "review"))):
            late = self.filtered(lambda r, states=states: r.state not in states)
            if name in vals and late and not self.env.su:
                raise UserError(
                    self.env._(
                        "%(number)s is past that: it was asked or decided already. Revise the "
                        "review to change it.",
                        number=late[0].name,
                    )
                )
        return super().write(vals)

    # Actions

    def action_request(self):
        """Ask the departments: snapshot the order and open one opinion per question (B1).

        :raise AccessError: for whoever is not in sales
        :raise UserError: when the review is not in draft, or no template or line is there
        """
        self.order_id._check_quality_seller()
        self._request_checked()
        return True

    def action_revise(self):
        """Start the next revision after an objection or a change of the order.

        :return: action that opens the new revision
        :raise AccessError: for whoever is not in sales
        :raise UserError: when a review still waits for answers to what the order says now
        """
        revisions = self.browse()
        for review in self:
            review.order_id._check_quality_seller()
            if review.state in ("draft", "superseded", "void") or (
                review.state in ("review", "decision", "approved") and not review._filter_stale()
            ):
                raise UserError(
                    self.env._(
                        "%(number)s does not need a revision: it is not objected to, and it "
                        "still says what the order says.",
                        number=review.name,
                    )
                )
            revisions |= review._revise()
        return revisions._get_records_action(name=self.env._("Contract Review"))

    def action_open_order(self):
        """Open the sales order that is reviewed."""
        return self.order_id._get_records_action(name=self.env._("Sales Order"))

    # Business

    @api.model
    def _create_for(self, orders):
        """Create a draft review for each order and make it the order's current one.

        :param orders: sale.order records
        :return: the reviews, in the order of ``orders``
        """
        templates = self._get_templates(orders)
        # sales request reviews from their own orders; the document itself is nobody's to create
        reviews_sudo = self.sudo().with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True
        )
        reviews = reviews_sudo.create(
            [
                {
                    "order_id": order.id,
                    "company_id": order.company_id.id,
                    "user_id": order.user_id.id,
                    "partner_id": order.partner_id.id,
                    "template_id": templates[order][0].id,
                    "rule_id": templates[order][1].id,
                }
                for order in orders
            ]
        )
        for order, review in zip(orders, reviews, strict=True):
            order.sudo().quality_review_id = review
        return reviews.with_env(self.env).sudo(False)

    @api.model
    def _adopt(self, orders):
        """Adopt confirmed orders as baseline: approved as they stand, by nobody's opinion.

        :param orders: sale.order records without a review
        :return: the baseline reviews
        """
        reviews_sudo = self._create_for(orders).sudo()  # go-live, by a settings administrator
        reviews_sudo._take_snapshot()
        reviews_sudo.write(
            {
                "state": "approved",
                "is_baseline": True,
                "date_decided": fields.Datetime.now(),
                "conclusion": self.env._("Agreed before contract review was switched on."),
            }
        )
        reviews_sudo._set_phase("closed")
        return reviews_sudo.sudo(False)

    def _ensure_can_request(self):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("%(number)s has already been requested.", number=self.name))
        if not self.template_id:
            raise UserError(
                self.env._(
                    "There is no template that says who reviews this order. Ask a quality "
                    "manager to set one up under Quality → Configuration → Contract Review → "
                    "Review Templates."
                )
            )
        if not self.order_id._get_quality_lines():
            raise UserError(
                self.env._(
                    "%(order)s has nothing to review yet. Add the products that the customer "
                    "orders first.",
                    order=self.order_id.name,
                )
            )
        self.order_id._check_quality_request()

    def _request_checked(self):
        for review in self:
            review._ensure_can_request()
        self._request()

    def _request(self):
        """Snapshot the orders and ask the departments; see :meth:`action_request`."""
        reviews_sudo = self.sudo()  # reviewers' documents, written by the procedure
        reviews_sudo._take_snapshot()
        reviews_sudo._judge_depth()
        vals_list = reviews_sudo._prepare_opinions_vals()
        reviews_sudo._ensure_somebody_answers(vals_list)
        reviews_sudo.write({"state": "review", "date_requested": fields.Datetime.now()})
        reviews_sudo.opinion_ids._request(vals_list)
        reviews_sudo._post_to_chat()
        for revision in reviews_sudo.filtered("supersedes_id"):
            revision.opinion_ids._carry_over(revision.supersedes_id.opinion_ids)
        self._settle()

    def _ensure_somebody_answers(self, vals_list):
        """Refuse a review in which nobody would be asked (B1).

        :param vals_list: values of the opinions that would be asked for
        :raise UserError: saying what to set up
        """
        asked = {vals["record_id"] for vals in vals_list}
        reviewed = self.filtered(lambda review: review.depth != "waived")
        if any(review.record_id.id not in asked for review in reviewed):
            raise UserError(
                self.env._(
                    "The template of this review asks nobody. Ask a quality manager to add "
                    "questions to it, or to set which roles the company has."
                )
            )

    def _ensure_roles_can_answer(self, company, people):
        for role, (users, employees) in people.items():
            able = users.filtered(lambda user: self.with_user(user).sudo(False).has_access("read"))
            if not (able or employees - users.employee_ids):
                raise UserError(
                    self.env._(
                        "Nobody can answer for %(role)s in %(company)s. Ask a quality manager to "
                        "map the role to people who have the right to review contracts.",
                        role=role.name,
                        company=company.name,
                    )
                )

    def _take_snapshot(self):
        """Keep what the orders say and what stock could give now."""
        self.line_ids.unlink()
        for review in self:
            review.write(review._prepare_snapshot_vals())
        reviews = {line.id: review.id for review in self for line in review.order_id.order_line}
        # a caller's context says nothing about the kind of a line, or about who signs
        without_defaults(self.env["quality.contract.review.line"]).create(
            [
                {"review_id": reviews[vals["order_line_id"]], **vals}
                for vals in self.order_id._prepare_quality_review_lines()
            ]
        )

    def _prepare_snapshot_vals(self):
        order = self.order_id
        content = order._get_quality_content()
        return {
            "partner_id": order.partner_id.id,
            "date_promised": order.commitment_date or order.expected_date,
            "currency_id": order.currency_id.id,
            "amount_untaxed": order.amount_untaxed,
            "terms": order.note,
            "content": canonical(content),
            "content_hash": digest(content),
            "public_hash": digest(order._get_quality_content(with_prices=False)),
        }

    def _prepare_opinions_vals(self):
        """Return the values of the opinions that are asked for, one per question and review."""
        vals_list, asked = [], self._get_asked_items()
        for company, reviews in self.grouped("company_id").items():
            items = self.env["quality.opinion.template.item"].union(
                *(asked[review] for review in reviews)
            )
            people = items.role_id._get_applicable_people(company)
            self._ensure_roles_can_answer(company, people)
            vals_list += [
                {
                    "record_id": review.record_id.id,
                    "role_id": item.role_id.id,
                    "item_id": item.id,
                    "sequence": item.sequence,
                    "user_id": review._get_asked_user(item.role_id, people),
                }
                for review in reviews
                for item in asked[review]
                if item.role_id in people
            ]
        return vals_list

    def _get_asked_user(self, role, people):
        """Return the id of who is asked first: the salesperson of the order answers for sales.

        :param people: what ``_get_people`` of the roles returns
        """
        users = people[role][0]
        is_sales = role.id == role._get_ids_by_code().get("sales")
        if is_sales and (self.user_id in users or not users):
            return self.env["quality.absence"]._get_asked(self.user_id, role).id
        return users[:1].id

    def _revise(self):
        """Supersede this revision by the next one, which takes over the unchanged answers."""
        self.ensure_one()
        revision_sudo = self.sudo().create(
            {
                "name": f"{self._get_base_number()}-{self.revision + 1}",
                "order_id": self.order_id.id,
                "company_id": self.company_id.id,
                "user_id": self.user_id.id,
                "partner_id": self.partner_id.id,
                **self._prepare_template_vals(),
                "revision": self.revision + 1,
                "supersedes_id": self.id,
            }
        )
        self._supersede()
        self.order_id.sudo().quality_review_id = revision_sudo
        revision_sudo.sudo(False)._request_checked()
        return revision_sudo.sudo(False)

    def _get_base_number(self):
        return self.name.rsplit("-", 1)[0] if self.revision > 1 else self.name

    def _supersede(self):
        self._retire("superseded")

    def _void(self):
        """Void the reviews of an order that was cancelled or set back to draft."""
        self.filtered(lambda r: r.state not in ("superseded", "void"))._retire("void")

    def _retire(self, state):
        if not self:
            return
        self.opinion_ids._void()
        self.sudo().state = state  # by the procedure, whoever triggered it
        self._set_phase("void")

    def _get_basis(self, role):
        """Return the fingerprint of what ``role`` is shown: without prices for most (M5)."""
        self.ensure_one()
        sees_prices = role.id in role._get_price_ids()
        return self.content_hash if sees_prices else self.public_hash

    def _get_draft(self, opinion):
        return (opinion.meaning == "conclusion" and self.conclusion) or ""

    def _get_bulk_refusal(self):
        """Return what is red on the review, see quality.record.mixin."""
        self.ensure_one()
        answered = self.opinion_ids.filtered("answer")
        if self._filter_stale():
            return self.env._("The order was changed meanwhile.")
        if answered.filtered(lambda opinion: opinion.answer != "agree"):
            return self.env._("Somebody objects or agrees with a condition only.")
        if self.is_short:
            return self.env._("Stock falls short.")
        return "\n".join(self.sudo()._get_obstacles()) or False  # also for non-readers of orders

    def _get_refusal(self):
        """Return what stands between this review and a confirmed order (B6).

        :return: a sentence, or False when the order may be confirmed
        """
        self.ensure_one()
        is_stale = bool(self._filter_stale())
        if self.state == "approved" and not is_stale:
            return False
        waiting = self.opinion_ids.filtered(lambda o: o.state == "open")
        sentences = {
            "draft": self.env._("%(number)s has not been requested yet."),
            "review": self.env._("%(number)s waits for %(roles)s."),
            "decision": self.env._("%(number)s waits for the decision of %(roles)s."),
            "objected": self.env._("In %(number)s a department objects. Revise the review."),
            "approved": self.env._(
                "The order was changed after %(number)s was approved. Revise the review."
            ),
            "superseded": self.env._("%(number)s was superseded by a newer revision."),
            "void": self.env._("%(number)s is void. Request a new review."),
        }
        if is_stale and self.state in ("review", "decision"):
            sentence = self.env._(
                "The order was changed while %(number)s was running. Revise the review."
            )
        elif self.state in ("review", "decision") and not waiting:
            return "\n".join(self._get_obstacles()) or self.env._(
                "%(number)s is being settled.", number=self.name
            )
        else:
            sentence = sentences[self.state]
        return sentence % {
            "number": self.name,
            "roles": format_list(self.env, list(dict.fromkeys(waiting.role_id.mapped("name")))),
        }

    def _filter_stale(self):
        """Return the running and approved reviews that no longer say what the order says.

        Always looked at afresh: the field ``is_stale`` is for the screen, this for the gate.
        """
        # whether an approval still stands is told to all who see the review, also to those
        # who have no right to read orders
        stale = self.sudo().filtered(
            lambda r: (
                r.state in (*RUNNING, "approved") and r.content_hash and r._is_content_changed()
            )
        )
        return stale.sudo(self.env.su)

    def _is_content_changed(self):
        """Tell whether the order says something else than was reviewed.

        What core adds to a confirmed order by itself, such as the cost of a carrier, is nothing
        that was reviewed.
        """
        self.ensure_one()
        content = self.order_id._get_quality_content()
        if self.content_hash == digest(content):
            return False
        content = self._name_as_reviewed(content)
        if self.order_id.state != "sale":
            return self.content_hash != digest(content)
        reviewed = {line["id"] for line in json.loads(self.content)["lines"]}
        added = self.order_id.order_line.filtered(
            lambda line: line.id not in reviewed and line._is_quality_added_by_core()
        )
        content["lines"] = [line for line in content["lines"] if line["id"] not in added.ids]
        return self.content_hash != digest(content)

    def _name_as_reviewed(self, content):
        """Return ``content`` with contacts as the review names them: one that was merged into
        another since is the same."""
        reviewed, order = json.loads(self.content), self.order_id
        contacts = {
            "customer": order.partner_id,
            "delivery_address": order.partner_shipping_id,
            "invoice_address": order.partner_invoice_id,
        }
        return content | {
            name: reviewed[name]
            for name, contact in contacts.items()
            if reviewed.get(name) in (contact.quality_merged_ids or ())
        }

    @api.model
    def _find_altered_documents(self, company):
        """Return the quality records of reviews whose content is not what was signed (M1).

        The content is canonical, so the hash of its text is its fingerprint; and everybody
        signed on that fingerprint, or on the one without prices.
        """
        query = SQL(
            r"""
            SELECT record.id
              FROM quality_contract_review review
              JOIN quality_record record ON record.id = review.record_id
             WHERE record.company_id = %(company)s
               AND encode(sha256(convert_to(review.content, 'UTF8')), 'hex')
                   IS DISTINCT FROM review.content_hash
             UNION
            SELECT record.id
              FROM quality_contract_review review
              JOIN quality_record record ON record.id = review.record_id
              JOIN quality_opinion opinion ON opinion.record_id = record.id
              JOIN quality_signature signature ON signature.id = opinion.signature_id
             WHERE record.company_id = %(company)s
               AND substring(signature.content FROM '^\{"content":\{"basis":"([0-9a-f]{64})"')
                   NOT IN (COALESCE(review.content_hash, ''), COALESCE(review.public_hash, ''))
          ORDER BY 1
            """,
            company=company.id,
        )
        return [record_id for [record_id] in self.env.execute_query(query)]
