from odoo.exceptions import AccessError
from odoo.tests import BaseCase, tagged

from ..lib.similar import (
    excerpt,
    get_grams,
    hash_gram,
    mark,
    name_shared,
    normalise,
    split,
    stem,
    weigh,
)
from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestSimilarTexts(BaseCase):
    """What two texts share, in Chinese and English, without a database (F9)."""

    def test_chinese_becomes_pairs_of_characters(self):
        """F9: nothing marks where a word ends, so neighbours go together."""
        self.assertEqual(get_grams("主轴异响"), ["主轴", "轴异", "异响"])
        self.assertEqual(get_grams("軸承異響"), ["軸承", "承異", "異響"])

    def test_a_character_alone_counts_only_where_it_stands_alone(self):
        """F9: a run of one character would otherwise be lost."""
        self.assertEqual(get_grams("裂"), ["裂"])
        self.assertEqual(get_grams("A 裂 B"), ["裂"])
        self.assertNotIn("裂", get_grams("裂纹"))

    def test_particles_join_no_words(self):
        """F9: 产品的表面 is about 产品 and 表面, not about 品的."""
        self.assertEqual(get_grams("产品的表面有划痕"), ["产品", "表面", "划痕"])
        self.assertEqual(get_grams("的了是"), [])

    def test_traditional_and_simplified_stay_what_they_are(self):
        """F9: 漏油 is the same in both, 异响 and 異響 are not."""
        self.assertEqual(set(get_grams("漏油異響")) & set(get_grams("漏油异响")), {"漏油"})

    def test_width_and_case_do_not_matter(self):
        """F9: a Chinese keyboard writes ＡＢ－１２３ for AB-123."""
        self.assertEqual(get_grams("ＡＢ－１２３"), get_grams("ab-123"))
        self.assertEqual(normalise("ＬＥＡＫ"), "leak")

    def test_english_words_lose_their_endings(self):
        """F9: leaks, leaked and leaking are one word, string stays whole."""
        for words in (
            "leak leaks leaked leaking",
            "scratch scratches scratched scratching",
            "machine machines machined machining",
            "stop stops stopped stopping",
            "control controls controlled controlling",
            "box boxes",
            "battery batteries",
        ):
            with self.subTest(words=words):
                self.assertEqual(len({stem(word) for word in words.split()}), 1)
        self.assertEqual(stem("string"), "string")
        self.assertEqual(stem("bus"), "bus")

    def test_words_that_say_nothing_are_left_out(self):
        """F9: also those with an apostrophe."""
        self.assertEqual(get_grams("It doesn’t stop, please help"), ["stop", "help"])

    def test_product_codes_stay_whole(self):
        """F9: AB-123/4 is found by itself and by what it is a kind of."""
        self.assertEqual(get_grams("AB-123/4"), ["ab-123", "ab-123/4"])
        self.assertEqual(get_grams("轴M8x20断裂"), ["轴", "m8x20", "断裂"])
        self.assertEqual(get_grams("2026-03-01"), ["2026-03-01"])
        self.assertEqual(get_grams("gear-box"), ["gear", "box"])

    def test_a_text_of_both_is_cut_where_the_script_changes(self):
        """F9: 主轴bearing异响."""
        self.assertEqual(get_grams("主轴bearing异响"), ["主轴", "bear", "异响"])

    def test_nothing_and_very_much_are_cut_as_well(self):
        """F9: no text gives no gram; of a pasted book the beginning is looked at."""
        self.assertEqual(get_grams(False), [])
        self.assertEqual(get_grams("  …!?\n"), [])
        book = " ".join(f"word{number}x" for number in range(100_000))
        self.assertEqual(len(get_grams(book)), 400)

    def test_hashes_fit_into_the_column(self):
        """F9: signed, 32 bits, and the same on every machine."""
        hashes = [hash_gram(f"gram {number}") for number in range(10_000)]
        self.assertLessEqual(max(hashes), 2**31 - 1)
        self.assertGreaterEqual(min(hashes), -(2**31))
        self.assertLess(min(hashes), 0)
        self.assertEqual(hash_gram("漏油"), -655134396)

    def test_positions_are_those_of_the_text(self):
        """F9: what is marked is what was compared."""
        text = normalise("客户: Gear-Box leaked 漏油")
        for gram in split(text):
            self.assertTrue(text[gram.start : gram.end].startswith(gram.text[:3]))

    def test_shared_words_are_marked_as_they_were_typed(self):
        """F9: the parts together are the text, in its own case and width."""
        shared = set(get_grams("oil leaking 主轴异响"))
        text = "客户反映：ＯＩＬ Leaks, 主轴异响了"
        parts = mark(text, shared)
        self.assertEqual("".join(part for part, _is_shared in parts), text)
        marked = [part for part, is_shared in parts if is_shared]
        self.assertEqual(marked, ["ＯＩＬ", "Leaks", "主轴异响"])

    def test_what_becomes_longer_when_normalised_is_marked_all_the_same(self):
        """F9: ß and ligatures change the length; no mark stands one letter off."""
        for text in ("Großes Leak", "ﬁne leak", "½ leak"):
            parts = mark(text, {"leak"})
            self.assertEqual([part.lower() for part, is_shared in parts if is_shared], ["leak"])
        self.assertEqual(mark("", {"leak"}), [])

    def test_the_weightiest_phrases_are_named_first(self):
        """F9: why two texts are similar."""
        weight = weigh({"oil": 0.5, "异响": 0.01, "主轴": 0.01, "轴异": 0.01}, 0.001)
        text = "Oil, 主轴异响 of AB-123"
        shared = {"oil", "主轴", "轴异", "异响", "ab-123"}
        names = name_shared(text, shared, weight)
        self.assertEqual(names, ["主轴异响", "AB-123", "Oil"])
        self.assertEqual(name_shared(text, shared, weight, limit=1), ["主轴异响"])

    def test_an_excerpt_shows_where_the_words_stand(self):
        """F9: of a long text the part that tells most, on one line."""
        text = "x " * 500 + "主轴\n漏油 and 异响" + " y" * 500
        parts = excerpt(text, {"主轴", "漏油", "异响"}, weigh({}, 0.01))
        line = "".join(part for part, _is_shared in parts)
        self.assertLess(len(line), 100)
        self.assertTrue(line.startswith("…") and line.endswith("…"))
        self.assertEqual([part for part, shared in parts if shared], ["主轴", "漏油", "异响"])
        self.assertEqual(excerpt(text, {"unheard"}, weigh({}, 0.01)), [])

    def test_what_is_rare_weighs_more(self):
        """F9: and nothing weighs nothing, however common it is."""
        weight = weigh({"common": 1.0, "rare": 0.001}, 0.0001)
        self.assertGreater(weight("rare"), weight("common"))
        self.assertGreater(weight("unheard"), weight("rare"))
        self.assertGreater(weight("common"), 0)


@tagged("post_install", "-at_install")
class TestSimilarComplaints(ComplaintCase):
    """Complaints that are like the one that is being registered (F9)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["quality.complaint"].search([]).state = "void"  # the demo data's
        cls.oil, cls.noise, cls.paint, cls.english, cls.taiwan = cls._create_complaints(
            ("减速机漏油", "客户反映 GB-200/3 减速机输出轴处漏油，油封已更换一次"),
            ("主轴异响", "设备运行两小时后主轴有异响，温度升高到80度"),
            ("油漆脱落", "外壳油漆大面积脱落，运输包装完好"),
            ("Gearbox leaks oil", "Oil is leaking from the output shaft seal of GB-200/3"),
            ("減速機漏油", "客戶反映減速機輸出軸處漏油，油封已更換"),
        )

    @classmethod
    def _create_complaints(cls, *texts, **vals):
        return cls.env["quality.complaint"].create(
            [
                {
                    "title": title,
                    "description": description,
                    "partner_id": cls.customer.id,
                    "company_id": cls.company.id,
                    **vals,
                }
                for title, description in texts
            ]
        )

    def _find(self, text, user=None, **kwargs):
        complaints = self.env["quality.complaint"].with_user(user or self.inspector)
        return [each.sudo(False) for each, *_rest in complaints._find_similar(text, **kwargs)]

    def _get(self, text, user=None, exclude_id=False, values=None):
        complaints = self.env["quality.complaint"].with_user(user or self.inspector)
        return complaints.get_similar(text, exclude_id, values)

    # What is found

    def test_chinese_finds_chinese(self):
        """F9: the same trouble in other words comes first, what is about else does not come."""
        found = self._find("减速机的油封处漏油了")
        self.assertEqual(found[0], self.oil)
        self.assertNotIn(self.noise, found)
        self.assertNotIn(self.paint, found)

    def test_taiwan_finds_taiwan(self):
        """F9: traditional characters find traditional ones first, and what is the same in both."""
        found = self._find("減速機漏油")
        self.assertEqual(found[0], self.taiwan)
        self.assertIn(self.oil, found)

    def test_english_finds_english(self):
        """F9: whatever the form of the words."""
        self.assertEqual(self._find("oil leaked at the seals of a gearbox")[0], self.english)

    def test_a_mixed_text_finds_both(self):
        """F9: half Chinese, half English, as engineers write."""
        found = self._find("gearbox leaking, 减速机漏油")
        self.assertEqual({*found[:2]}, {self.oil, self.english})

    def test_a_product_code_finds_what_names_it(self):
        """F9: in any width; a sister of the same kind is found as well."""
        for text in ("GB-200/3", "ｇｂ－２００／３", "GB-200/7"):
            with self.subTest(text=text):
                self.assertEqual({*self._find(text)}, {self.oil, self.english})

    def test_the_customers_reference_is_compared(self):
        """F9: a second mail about the same complaint."""
        complaint = self._create_complaints(("X", ""), customer_reference="8D-2026-0815")
        self.assertEqual(self._find("Reminder: your answer to 8D-2026-0815?"), [complaint])

    def test_nothing_similar_gives_nothing(self):
        """F9: nor does nothing."""
        for text in ("Invoice address wrong", "发票抬头错误", "", "   ", "的", "the"):
            with self.subTest(text=text):
                self.assertEqual(self._find(text), [])

    def test_it_says_why(self):
        """F9: the shared words that weigh most, as the other complaint has them."""
        complaints = self.env["quality.complaint"].with_user(self.inspector)
        document, score, why = complaints._find_similar("GB-200/3 输出轴漏油")[0]
        self.assertEqual(document, self.oil)
        self.assertTrue(0 < score <= 1)
        self.assertIn("GB-200/3", why)
        self.assertIn("输出轴", why)

    def test_the_same_text_scores_most(self):
        """F9: close to 1, and in order."""
        complaints = self.env["quality.complaint"].with_user(self.inspector)
        text = f"{self.oil.title} {self.oil.description}"
        scores = [score for _each, score, _why in complaints._find_similar(text)]
        self.assertGreater(scores[0], 0.95)
        self.assertEqual(scores, sorted(scores, reverse=True))

    def test_at_most_five_are_shown(self):
        """F9: the newest of those that are alike."""
        more = self._create_complaints(*[("Bolt sheared off", "")] * 7)
        self.assertEqual(self._find("bolt sheared"), list(more[:1:-1]))
        self.assertEqual(len(self._get("bolt sheared")), 5)

    def test_what_is_typed_anew_is_found_anew(self):
        """F9: the index follows the texts."""
        self.paint.title = "法兰开裂"
        self.assertEqual(self._find("法兰开裂"), [self.paint])
        self.paint.title = "其他问题"
        self.assertEqual(self._find("法兰开裂"), [])

    def test_void_ones_are_not_shown(self):
        """F9: a duplicate that was set aside is no help."""
        self.oil.sudo().state = "void"
        self.assertNotIn(self.oil.id, [row["id"] for row in self._get("减速机漏油")])

    # Where there are very many

    def _limit(self, **limits):
        for name, value in limits.items():
            self.patch(type(self.env["quality.complaint"]), f"_similar_{name}", value)

    def _analyze(self):
        self.env.flush_all()
        self.env.cr.execute("ANALYZE quality_complaint (similar_grams)")

    def test_among_very_many_what_is_rare_decides(self):
        """F9: the index is asked for the rare grams only, and finds what is old."""
        self._create_complaints(*[("漏油", "")] * 30)
        self._limit(newest=5, candidates=8)
        self.assertEqual(self._find("主轴漏油")[0], self.noise)

    def test_among_very_many_common_words_together_are_rare(self):
        """F9: where each word is common, documents that have several of them are looked at."""
        self._create_complaints(*[("漏油", ""), ("裂纹", "")] * 20)
        both = self._create_complaints(("漏油 裂纹", ""))
        self._create_complaints(*[("划痕", "")] * 6)
        self._analyze()
        self._limit(newest=5, candidates=15)
        self.assertEqual(self._find("漏油 裂纹")[0], both)

    def test_among_very_many_the_newest_have_common_words(self):
        """F9: one word that everybody uses finds the newest that use it."""
        newest = self._create_complaints(*[("漏油", "")] * 40)[-3:]
        self._limit(newest=3, candidates=5)
        self.assertEqual(self._find("漏油"), list(newest[::-1]))

    def test_statistics_of_the_database_tell_what_is_common(self):
        """F9: as soon as ANALYZE has run."""
        self._create_complaints(*[("漏油", "")] * 40)
        self._analyze()
        self._limit(newest=5, candidates=12)
        self.assertEqual(self._find("主轴漏油")[0], self.noise)

    # What else they have in common

    def test_the_same_customer_and_product_are_named_and_come_first(self):
        """F9: of two alike the one of the same customer and product."""
        line = {"product_id": self.product.id, "quantity": 1}
        other = self.env["res.partner"].create({"name": "Service Station"})
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id, "type": "contact"}
        )
        same = self._create_complaints(("Bolt sheared off", ""), line_ids=[(0, 0, line)])
        self._create_complaints(("Bolt sheared off", ""), partner_id=other.id)
        values = {"partner_id": contact.id, "product_id": self.product.id}
        first, second = self._get("bolt sheared", values=values)
        self.assertEqual(first["id"], same.id)
        self.assertEqual(first["why"], ["Same customer", "Same product"])
        self.assertEqual(second["why"], [])
        self.assertGreaterEqual(first["score"], second["score"])

    def test_the_form_gets_what_it_shows(self):
        """F9: number, title with marks, state, date, score and an excerpt."""
        row = self._get("输出轴漏油")[0]
        self.assertEqual(row["id"], self.oil.id)
        self.assertEqual(row["number"], self.oil.name)
        self.assertEqual(row["state"], "Registered")
        self.assertEqual(row["title"], [("减速机", False), ("漏油", True)])
        self.assertIn(("输出轴", True), row["excerpt"])
        self.assertTrue(row["date"])

    def test_the_open_complaint_is_not_similar_to_itself(self):
        """F9: once it is saved."""
        found = [row["id"] for row in self._get("减速机漏油", exclude_id=self.oil.id)]
        self.assertNotIn(self.oil.id, found)
        self.assertIn(self.taiwan.id, found)

    # Rights

    def test_only_what_one_may_read_is_found(self):
        """DESIGN, Rights: sellers find the complaints of their customers only."""
        theirs = self._create_complaints(("Bolt sheared off", ""), salesperson_id=self.seller.id)
        self.assertEqual(self._find("bolt sheared", self.seller), [theirs])
        self.assertEqual(self._find("bolt sheared", self.other_seller), [])
        self.assertEqual(self._get("bolt sheared", self.other_seller), [])

    def test_other_companies_find_nothing(self):
        """DESIGN, Rights: not even words."""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere Ltd."})
        stranger = self._create_user(
            "stranger", "base.group_user,customer_quality.group_manager", elsewhere
        )
        complaints = self.env["quality.complaint"].with_user(stranger)
        complaints = complaints.with_context(allowed_company_ids=elsewhere.ids)
        self.assertEqual(complaints.get_similar("减速机漏油"), [])
        self.assertEqual(complaints._find_similar("减速机漏油"), [])

    def test_who_may_read_no_complaints_is_refused(self):
        """DESIGN, Rights: neither employees without a group nor customers."""
        portal = self._create_user("portal", "base.group_portal")
        for user in (self.nobody, portal):
            for text in ("减速机漏油", ""):
                with self.subTest(user=user.login, text=text), self.assertRaises(AccessError):
                    self._get(text, user)

    def test_whatever_a_client_sends_opens_nothing(self):
        """DESIGN, Rights: hints are ids of known fields, everything else is left out."""
        secret = self.env["res.partner"].create(
            {"name": "Secret", "company_id": self.env["res.company"].create({"name": "X"}).id}
        )
        for values in (
            {"partner_id": secret.id},
            {"partner_id": [("id", ">", 0)], "product_id": "1 OR 1=1"},
            {"state": 1, "partner_id": -1, "product_id": 2**40},
            [("id", ">", 0)],
            "anything",
        ):
            with self.subTest(values=values):
                rows = self._get("减速机漏油", values=values)
                self.assertTrue(rows)
                self.assertFalse(any(row["why"] for row in rows))
        for text in (None, 5, ["漏油"], {"漏油": 1}, "'; DROP TABLE x; -- %s", "\x00"):
            with self.subTest(text=text):
                self.assertEqual(self._get(text), [])
        self.assertTrue(self._get("减速机漏油", exclude_id="0 OR 1=1"))

    def test_nobody_reads_or_writes_the_index(self):
        """DESIGN, Rights: it belongs to the search."""
        oil = self.oil.with_user(self.quality_manager)
        with self.assertRaises(AccessError):
            oil.read(["similar_grams"])
        with self.assertRaises(AccessError):
            oil.write({"similar_grams": [1, 2]})
        self.assertNotIn("similar_grams", oil.fields_get())

    # Cost

    def test_the_index_costs_no_query(self):
        """F9: grams are written with the texts, however many complaints there are."""
        self.env.flush_all()
        statements = self._record_statements(
            lambda: self._create_complaints(*[(f"Text {number}", "漏油") for number in range(50)])
        )
        self.assertEqual([line.split()[0] for line in statements], ["INSERT"])
        statements = self._record_statements(
            lambda: (self.oil | self.noise).write({"customer_reference": "Other"})
        )
        self.assertEqual([line.split()[0] for line in statements], ["UPDATE"])
        self.assertIn("customer_reference", statements[0])

    def _record_statements(self, call):
        """Return the statements that write the index while ``call`` runs."""
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            call()
            self.env.flush_all()
        found = (line.partition("query: ")[2].strip() for line in logs.output)
        return [line for line in found if "similar_grams" in line and "SELECT" not in line]

    def test_a_search_costs_the_same_among_few_and_many(self):
        """F9: of five shown."""
        self._get("减速机漏油")
        counts = []
        for more in (1, 60):
            self._create_complaints(*[("减速机漏油", "")] * more)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._get("减速机漏油", values={"partner_id": self.customer.id})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        self.assertLessEqual(counts[0], 14)

    def test_only_own_texts_are_compared(self):
        """DESIGN: no stored compute of ours depends on a field of Odoo's models."""
        for model in self.env.registry.values():
            if "similar_grams" in model._fields and not model._abstract:
                for name in model._similar_fields:
                    field = model._fields[name]
                    self.assertTrue(field.store and not field.translate and not field.groups)
                    self.assertFalse(field.inherited)
