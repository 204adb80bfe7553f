import os
import re
from collections import defaultdict

import polib
from lxml import etree, html

from odoo.modules import Manifest
from odoo.tests import tagged
from odoo.tools import file_open, file_path
from odoo.tools.translate import TranslationImporter, TranslationModuleReader

from .common import QualityCase

MODULE = "customer_quality"
LANGUAGES = ("zh_CN", "zh_TW")

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdgfi]")
TAG = re.compile(r"<[^<>]+>|&\w+;")
IDEOGRAPH = re.compile("[\u4e00-\u9fff]")

#: A standard character set of each script, which has no characters of the other script alone.
CHARACTERS = {"zh_CN": "gb2312", "zh_TW": "big5"}

#: The same in Chinese: abbreviations, and Python behind the name of a printed file.
SAME = {"ID", "Logo", "PDF", "PIN", "QR", "SHA-256", "https://"}
NAME_OF_FILE = "model:ir.actions.report,print_report_name:"

#: English: how it is called in zh_CN, in zh_TW.
WORDS_OF_THE_TRADE = {
    "Order Register": ("订货记录", "訂單登記簿"),
    "Customer Master Form": ("客户基本资料表", "客戶基本資料表"),
    "Customer Requirement Register": ("客户需求登记表", "客戶需求登記表"),
    "Contract Ledger": ("合同档案管理台账", "合約檔案管理清冊"),
    "Not Returned Stamped": ("未回签", "未回簽"),
    "Framework Contract": ("框架合同", "框架合約"),
    "Call-off": ("要货计划", "叫貨計畫"),
    "Urgent Release": ("先行生产", "先行生產"),
    "Fast Path from Stock": ("现货直发", "現貨直接出貨"),
    "Override": ("特批放行", "特准放行"),
    "Waiver": ("豁免", "豁免"),
    "Contract Review": ("合同评审", "合約審查"),
    "Contract Review Form": ("合同评审表", "合約審查表"),
    "Production Notice": ("生产通知单", "生產通知單"),
    "Return replacement": ("退货补货", "退貨補貨"),
    "VOID": ("作废", "作廢"),
    "Void": ("作废", "作廢"),
    "Issued": ("已下达", "已開立"),
    "Sign-off": ("会签", "會簽"),
    "Agree": ("同意", "同意"),
    "Agree with condition": ("有条件同意", "有條件同意"),
    "Object": ("不同意", "不同意"),
    "Acknowledgement": ("签收", "簽收"),
    "Receipt": ("签收", "簽收"),
    "Confirm Receipt": ("签收", "簽收"),
    "Stale approval": ("评审已失效", "審查已失效"),
    "Verification": ("验证", "驗證"),
    "Prepared by": ("制定", "製表"),
    "Checked by": ("审核", "審核"),
    "Approved by": ("批准", "核准"),
    "Customer": ("客户", "客戶"),
    "Sales": ("业务部", "業務部"),
    "Engineering": ("技术部", "工程部"),
    "Quality Control": ("质检部", "品保部"),
}


class TranslationCase(QualityCase):
    """Reads the catalogues of the module, and exports its terms afresh."""

    @classmethod
    def _read_catalogue(cls, name):
        with file_open(f"{MODULE}/i18n/{name}") as file:
            return polib.pofile(file.read())

    @classmethod
    def _export_terms(cls):
        """Return the set of terms that `odoo i18n export` finds, as in a fresh database.

        Two kinds of records may differ from it. What demo data say is no part of the product, so
        it is left out. What is not updated stays as an older version or a user wrote it, so the
        template's term for the same place stands for it; a place that the template does not
        have counts as it is.
        """
        demo, kept = cls._get_demo_ids(), cls._get_kept_ids()
        template = cls._get_terms_by_place()
        terms = set()
        for _module, kind, name, id_, term, *_rest in TranslationModuleReader(cls.env.cr, [MODULE]):
            if id_ in kept - demo:
                terms |= template.get(f"{kind}:{name}:{id_}", {term})
            elif id_ not in demo:
                terms.add(term)
        return terms

    @classmethod
    def _get_terms_by_place(cls):
        """Return what the template says where: dict of place → set of terms."""
        terms = defaultdict(set)
        for entry in cls._read_catalogue(f"{MODULE}.pot"):
            for place, _line in entry.occurrences:
                terms[place].add(entry.msgid)
        return terms

    @classmethod
    def _get_kept_ids(cls):
        """Return the external ids of records that an update of the module leaves alone."""
        data = cls.env["ir.model.data"].search([("module", "=", MODULE), ("noupdate", "=", True)])
        return set(data.mapped("complete_name"))

    @classmethod
    def _get_demo_ids(cls):
        """Return the external ids of records that are there with demo data only."""
        return cls._get_file_ids("demo") - cls._get_file_ids("data")

    @classmethod
    def _get_file_ids(cls, key):
        """Return the external ids in the module's XML files that the manifest lists under a key."""
        ids = set()
        for name in Manifest.for_addon(MODULE)[key]:
            if name.endswith(".xml"):
                tree = etree.parse(file_path(os.path.join(MODULE, name)))
                ids |= {f"{MODULE}.{id_}" for id_ in tree.xpath("//*/@id")}
        return ids


@tagged("post_install", "-at_install")
class TestTranslations(TranslationCase):
    """Languages: complete zh_CN and zh_TW are part of the product."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terms = cls._export_terms()
        cls.catalogues = {name: cls._read_catalogue(f"{name}.po") for name in LANGUAGES}

    def _assert_each(self, is_right):
        """Check every translation in every language, and name those that are wrong.

        :param is_right: function of language and entry
        """
        wrong = [
            f"{language}: {entry.msgid!r} → {entry.msgstr!r}"
            for language, catalogue in self.catalogues.items()
            for entry in catalogue
            if not is_right(language, entry)
        ]
        self.assertFalse(wrong)

    def test_every_term(self):
        """Languages: no term is missing and none is left over (`make pot` brings it up to date)."""
        template = {entry.msgid for entry in self._read_catalogue(f"{MODULE}.pot")}
        self.assertGreater(len(self.terms), 500)
        self.assertEqual(template, self.terms)
        for language, catalogue in self.catalogues.items():
            with self.subTest(language=language):
                self.assertEqual({entry.msgid for entry in catalogue}, self.terms)
                self.assertFalse(catalogue.obsolete_entries())

    def test_translated(self):
        """Languages: no term is left open or fuzzy."""
        self._assert_each(lambda _language, entry: entry.msgstr.strip() and not entry.fuzzy)

    def test_not_repeated(self):
        """Languages: no translation just repeats the English, but for a few that have to."""
        self._assert_each(
            lambda _language, entry: (
                IDEOGRAPH.search(entry.msgstr) or self._is_same_on_purpose(entry)
            )
        )

    def _is_same_on_purpose(self, entry):
        words = re.search("[A-Za-z]{2}", PLACEHOLDER.sub("", entry.msgid))
        places = [place for place, _line in entry.occurrences]
        return (
            not words
            or entry.msgid in SAME
            or all(place.startswith(NAME_OF_FILE) for place in places)
        )

    def test_placeholders(self):
        """Languages: a translation fills in and marks up exactly what the English does."""

        def is_right(_language, entry):
            return all(
                sorted(pattern.findall(entry.msgstr)) == sorted(pattern.findall(entry.msgid))
                for pattern in (PLACEHOLDER, TAG)
            )

        self._assert_each(is_right)

    def test_script(self):
        """Languages: zh_CN is in simplified and zh_TW in traditional characters throughout."""

        def is_right(language, entry):
            characters = "".join(IDEOGRAPH.findall(entry.msgstr))
            return characters == characters.encode(CHARACTERS[language], "ignore").decode(
                CHARACTERS[language]
            )

        self._assert_each(is_right)

    def test_words_of_the_trade(self):
        """Languages: forms and decisions are called what such companies call them."""
        for english, words in WORDS_OF_THE_TRADE.items():
            for language, word in zip(LANGUAGES, words, strict=True):
                with self.subTest(language=language, term=english):
                    self.assertEqual(self.catalogues[language].find(english).msgstr, word)


@tagged("post_install", "-at_install")
class TestChinesePapers(TranslationCase):
    """Languages, K2: what is printed and asked is Chinese for whoever works in Chinese."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        importer = TranslationImporter(cls.env.cr, verbose=False)
        for language in LANGUAGES:
            cls.env["res.lang"]._activate_lang(language)
            importer.load_file(f"{MODULE}/i18n/{language}.po", language)
        importer.save(overwrite=True)
        cls.env.invalidate_all()
        cls.company.quality_notice_on_confirm = True
        cls.order = cls._create_order(5)

    def _get_text(self, report, record, language):
        """Return the words of a rendered report, without its names and numbers."""
        rendered = (
            self.env["ir.actions.report"]
            .with_context(lang=language)
            ._render_qweb_html(f"{MODULE}.{report}", record.ids)[0]
        )
        page = html.fromstring(rendered)
        return " ".join(page.xpath("//body//text()[not(parent::style or parent::script)]"))

    def test_contract_review(self):
        """Languages, K2: the contract review form is Chinese from title to footer."""
        review = self._request_review(self.order)
        self._sign(review, self.engineer, "condition", "Series tool first")
        for language, words in (
            ("zh_CN", ("合同评审表", "有条件同意", "技术部", "承诺交期", "制定", "批准")),
            ("zh_TW", ("合約審查表", "有條件同意", "工程部", "承諾交期", "製表", "核准")),
        ):
            with self.subTest(language=language):
                text = self._get_text("report_contract_review", review, language)
                for word in words:
                    self.assertIn(word, text)
                for word in ("Review", "Agree", "Quantity", "Engineering", "Prepared by"):
                    self.assertNotIn(word, text)

    def test_production_notice(self):
        """Languages, K2: the production notice is Chinese from title to footer."""
        self._approve(self._request_review(self.order))
        self._confirm(self.order)
        notice = self.env["quality.production.notice"].search([("order_id", "=", self.order.id)])
        copy = self.env["quality.production.notice.copy"]._print_for(
            notice, self._role("production")
        )
        for language, words in (
            ("zh_CN", ("生产通知单", "生产部", "下达日期", "签收人", "受控副本", "自制")),
            ("zh_TW", ("生產通知單", "生產部", "開立日期", "簽收人", "管制副本", "自製")),
        ):
            with self.subTest(language=language):
                text = self._get_text("report_production_notice", copy, language)
                for word in words:
                    self.assertIn(word, text)
                for word in (
                    "Notice",
                    "Received",
                    "Quantity",
                    "Manufacturing orders",
                    "Prepared by",
                ):
                    self.assertNotIn(word, text)

    def test_refusal(self):
        """Languages, B6: what the gate refuses with is said in the user's language."""
        self.company.quality_review_gate = "always"
        for language, word in (("zh_CN", "合同评审"), ("zh_TW", "合約審查")):
            with self.subTest(language=language):
                order = self.order.with_context(lang=language)
                self.assertIn(word, order._get_quality_gate_error())
