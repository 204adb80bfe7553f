import logging
from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup, escape
from psycopg2 import OperationalError

from odoo import api, models

_logger = logging.getLogger(__name__)

#: Under this key, a transaction remembers what it has to tell.
NEWS = "customer_quality.news"

#: Roles that hear of each kind of news, besides the salespeople where these are concerned.
ROLES = {
    "hold": ("production",),
    "scrap": ("production",),
    "arrival": ("production", "quality"),
    "delay": ("production", "quality"),
    "shipment": (),
}


class News(NamedTuple):
    """One thing that happened: of what kind, where, for whose orders, and in which words.

    ``say(env, name)`` returns the sentence in the language of ``env``, without any price;
    ``name(record)`` names a record there, as a link or in plain text.
    """

    kind: str
    company: models.BaseModel
    orders: models.BaseModel
    say: Callable


class QualityNews(models.AbstractModel):
    """Who hears what without asking (D4): collected while it happens, told with the commit.

    Each person gets one message for all that a transaction did. What can't be told is logged:
    telling never holds up what happened.
    """

    _name = "quality.news"
    _description = "News"

    @api.model
    def _get_companies(self):
        """Return the ids of the companies that tell (frozenset), without a query."""
        return self.env["res.company"]._get_quality_on("quality_news")

    @api.model
    def _note(self, kind, records, before=None):
        """Remember what happened until the transaction is over.

        :param kind: one of ``ROLES``
        :param records: what it happened to
        :param before: dict of record → what was true before; the first note counts
        """
        if not records:
            return
        noted = self.env.cr.precommit.data.setdefault(NEWS, {})
        if not noted:
            self.env.cr.precommit.add(self._tell_noted)
        facts = noted.setdefault(kind, {})
        for record in records:
            facts.setdefault((record._name, record.id), (before or {}).get(record))

    @api.model
    def _tell_noted(self):
        """Tell what was noted; whatever goes wrong leaves what happened as it is."""
        noted = self.env.cr.precommit.data.pop(NEWS, {})
        # whoever moves goods need not see the orders; only those concerned are told
        teller = self.with_env(self.env(su=True, context={}))
        try:
            with self.env.cr.savepoint():
                teller._tell(noted)
        except OperationalError:
            raise  # somebody else was writing: Odoo repeats the whole transaction
        except Exception:
            _logger.exception("Could not tell what happened: %s", sorted(noted))

    def _tell(self, noted):
        """Tell people and chat groups, and the customers of shipments.

        :param noted: dict of kind → dict of (model, id) → what was true before
        """
        items = [
            item
            for kind, facts in noted.items()
            for item in getattr(self, f"_collect_{kind}s")(self._browse(facts))
        ]
        self._tell_people(items)
        self._tell_groups(items)
        if "shipment" in noted:
            moves = self._browse(noted["shipment"])
            self.env["stock.move"].union(*moves).picking_id._tell_quality_customer()

    def _browse(self, facts):
        """Return what is still there: dict of record → what was true before."""
        ids = defaultdict(list)
        for model, record_id in facts:
            ids[model].append(record_id)
        return {
            record: facts[model, record.id]
            for model, record_ids in ids.items()
            for record in self.env[model].browse(record_ids).exists()
        }

    # People

    def _tell_people(self, items):
        """Send one message to each person; those who hear the same share it."""
        heard = defaultdict(list)
        for index, users in enumerate(self._get_hearers(items)):
            for user in users:
                heard[user].append(index)
        audiences = defaultdict(self.env["res.users"].browse)
        for user, indices in heard.items():
            audiences[user.lang, tuple(indices)] |= user
        for (lang, indices), users in audiences.items():
            self._send(users, [items[index] for index in indices], lang)

    def _get_hearers(self, items):
        """Return who hears each item: list of res.users, without who did it."""
        people = self._get_people({(item.company, item.kind) for item in items})
        hearers = []
        for item in items:
            users = people[item.company, item.kind] | item.orders.user_id
            hearers.append(
                users.filtered(
                    lambda user, company=item.company: (
                        user.active
                        and not user.share
                        and user.id != self.env.uid
                        and company in user.company_ids
                    )
                )
            )
        return hearers

    def _get_people(self, asked):
        """Return who acts for the roles that hear of something.

        :param asked: set of (company, kind)
        :return: dict of (company, kind) → res.users
        """
        ids = self.env["quality.role"]._get_ids_by_code()
        roles = self.env["quality.role"].browse(
            ids[code] for code in ("production", "quality") if code in ids
        )
        companies = self.env["res.company"].union(*(company for company, _kind in asked))
        people = {company: roles._get_applicable_people(company) for company in companies}
        users = self.env["res.users"]
        return {
            (company, kind): users.union(
                *(
                    found[0]
                    for role, found in people[company].items()
                    if role.id in [ids.get(code) for code in ROLES[kind]]
                )
            )
            for company, kind in asked
        }

    def _send(self, users, items, lang):
        env = self.with_context(lang=lang).env
        sentences = [item.say(env, self._get_link) for item in items]
        subject = (
            items[0].say(env, self._get_name)
            if len(items) == 1
            else env._("%(count)s messages from production and warehouse", count=len(items))
        )
        self.env["mail.thread"].with_context(lang=lang).message_notify(
            partner_ids=users.partner_id.ids,
            subject=subject,
            body=Markup("<ul>%s</ul>")
            % Markup().join(Markup("<li>%s</li>") % sentence for sentence in sentences),
            force_send=False,
        )

    @api.model
    def _get_link(self, record):
        return Markup('<a href="#" data-oe-model="%s" data-oe-id="%s">%s</a>') % (
            record._name,
            record.id,
            escape(record.display_name),
        )

    @api.model
    def _get_name(self, record):
        return record.display_name

    # Groups

    def _tell_groups(self, items):
        """Post one message to the chat group of each company that has one (M4)."""
        by_company = defaultdict(list)
        for item in items:
            by_company[item.company].append(item)
        for company, own in by_company.items():
            env = self.with_context(lang=company.partner_id.lang).env
            text = "\n".join(item.say(env, self._get_name) for item in own)
            self.env["quality.chat.message"]._post([text], company)
