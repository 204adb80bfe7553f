import inspect
import logging
import re

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import BASE
from .rows_common import RowsCase

#: What writes to the database, whatever it writes.
WRITING = re.compile(r"(^|query: |\s)(INSERT INTO|UPDATE|DELETE FROM) ")

#: Called with values, and tried by their own tests; as in Odoo itself.
WITH_VALUES = frozenset(
    {
        "create",
        "web_save",
        "write",
        "unlink",
        "copy",
        "message_post",
        "message_subscribe",
        "create_document_from_attachment",
        "create_from_pasted",
    }
)


@tagged("post_install", "-at_install")
class TestRightsMethods(RowsCase):
    """Every public method of every document, called over RPC by those who have no part in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        elsewhere = cls.env["res.company"].create({"name": "Elsewhere Ltd."})
        everything = (
            f"{BASE},customer_quality.group_manager,customer_quality.group_reviewer,"
            "customer_quality.group_price,stock.group_stock_manager,mrp.group_mrp_manager,"
            "sales_team.group_sale_manager"
        )
        cls.outsiders = (
            cls.nobody
            | cls._create_user("portal_customer", "base.group_portal")
            | cls._create_user("stranger", everything, elsewhere)
        )

    def setUp(self):
        super().setUp()
        self._fill_lists(1)
        rows = {name: self.env[name].browse(ids) for name, ids in self._rows.items()}
        notices = rows["quality.production.notice.stage"].notice_id
        notices.state = "issued"
        reviews = rows["quality.contract.review.risk"].review_id
        self.documents = [
            *rows.values(),
            notices,
            reviews,
            reviews.record_id,
            reviews.order_id,
            rows["quality.customer.document.revision"].document_id,
        ]
        self.env.cr.flush()  # what the rows still had to write is not theirs

    def _get_methods(self, model):
        """Return the names of the public methods that the module brings, and how many values
        each of them takes at least."""
        found = {}
        for name, method in inspect.getmembers(type(self.env[model]), inspect.isfunction):
            ours = "customer_quality" in method.__module__
            if name.startswith("_") or name in WITH_VALUES or not ours:
                continue
            if not getattr(method, "_api_private", False):
                parameters = list(inspect.signature(method).parameters.values())[1:]
                found[name] = sum(each.default is each.empty for each in parameters)
        return found

    def _get_statements(self, call):
        """Return what ``call`` writes to the database before it is refused; undone at the end."""
        statements, logger = [], logging.getLogger("odoo.sql_db")
        handler = logging.Handler()
        handler.emit = lambda record: statements.append(record.getMessage())
        level, propagate = logger.level, logger.propagate
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        savepoint = self.env.cr.savepoint()
        try:
            call()
            self.env.flush_all()
        except UserError:  # AccessError is one
            statements.clear()  # what was refused is rolled back
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        return [statement for statement in statements if WRITING.search(statement)]

    def test_outsiders_change_nothing_by_any_method(self):
        """DESIGN, Rights: neither users without a group, nor customers, nor another company."""
        for documents in self.documents:
            for name, count in self._get_methods(documents._name).items():
                for user in self.outsiders | self.auditor:
                    called = documents.with_user(user).with_context(
                        allowed_company_ids=user.company_ids.ids
                    )
                    with self.subTest(user=user.login, method=f"{documents._name}.{name}"):
                        written = self._get_statements(
                            lambda called=called, name=name, count=count: getattr(called, name)(
                                *["because"] * count
                            )
                        )
                        self.assertFalse(written)

    def test_outsiders_have_no_right_to_any_document(self):
        """DESIGN, Rights: not even to read, except for what Odoo itself gives."""
        for documents in self.documents:
            if documents._name == "sale.order":
                continue
            for user in self.outsiders:
                called = documents.with_user(user).with_context(
                    allowed_company_ids=user.company_ids.ids
                )
                for operation in ("read", "write", "unlink"):
                    with self.subTest(user=user.login, model=documents._name, right=operation):
                        self.assertFalse(called.has_access(operation))
