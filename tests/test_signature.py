import itertools
import json
import random
from datetime import date, datetime, timedelta, timezone
from unittest.mock import patch

from psycopg2.errors import RestrictViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.customer_quality.lib.canonical import canonical, digest
from odoo.addons.customer_quality.models.blocks.signature_guard import (
    TABLES,
    drop_signature_guards,
)

from .common import QualityCase

MODULE = "customer_quality"
NUMBERS = itertools.count(1)
GROUPS = ("group_user", "group_officer", "group_manager", "group_reviewer", "group_auditor")


@tagged("post_install", "-at_install")
class TestCanonical(TransactionCase):
    def test_the_order_of_keys_does_not_matter(self):
        """M: what was signed has one text."""
        self.assertEqual(canonical({"b": 1, "a": [True, None]}), '{"a":[true,null],"b":1}')
        self.assertEqual(digest({"a": 1, "b": 2}), digest({"b": 2, "a": 1}))

    def test_a_number_leaves_no_trace_of_its_type(self):
        """M: 2.0 is 2, -0.0 is 0, noise behind the sixth decimal is gone."""
        self.assertEqual(canonical([2.0, -0.0, 0.1 + 0.2, -1e-9]), "[2,0,0.3,0]")

    def test_moments_are_utc_and_text_stays_as_it_is(self):
        """M: a moment reads the same in every time zone, Chinese stays Chinese."""
        shanghai = timezone(timedelta(hours=8))
        self.assertEqual(
            canonical([datetime(2026, 1, 2, 11, tzinfo=shanghai), datetime(2026, 1, 2, 3)]),
            '["2026-01-02T03:00:00Z","2026-01-02T03:00:00Z"]',
        )
        self.assertEqual(canonical({"会签": date(2026, 1, 2)}), '{"会签":"2026-01-02"}')

    def test_what_has_no_canonical_form_is_refused(self):
        """M: nothing is hashed that could not be hashed again."""
        for value in (self.env.user, {1: "a"}, {1, 2}, b"x"):
            with self.assertRaises(TypeError):
                canonical(value)
        for value in (float("nan"), float("inf")):
            with self.assertRaises(ValueError):
                canonical(value)


class SignatureCase(TransactionCase):
    """Somebody who signs receipts, and verbs to sign, seal and verify."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Signed & Sealed"})
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.role = cls.env["quality.role"].create({"name": "Tester", "code": "signature_test"})
        cls.user = cls._new_user("signer", "group_user")
        cls.Signature = cls.env["quality.signature"].with_user(cls.user)
        cls.Seal = cls.env["quality.signature.seal"]

    @classmethod
    def _new_user(cls, login, *groups, **values):
        names = ["base.group_user", *(f"{MODULE}.{group}" for group in groups)]
        return new_test_user(
            cls.env,
            login,
            groups=",".join(names),
            company_id=cls.company.id,
            company_ids=cls.company.ids,
            **values,
        )

    @classmethod
    def _new_subjects(cls, count=1, company=None):
        """Return that many receipts, each of a document of its own."""
        records = cls.env["quality.record"].create(
            [
                {
                    "name": f"ST/{next(NUMBERS)}",
                    "company_id": (company or cls.company).id,
                    "res_model": "quality.record",
                }
                for _number in range(count)
            ]
        )
        return cls.env["quality.acknowledgement"].create(
            [{"record_id": record.id, "role_id": cls.role.id} for record in records]
        )

    def _prepare_items(self, subjects, **values):
        return [
            {
                "record": subject.record_id,
                "subjects": subject,
                "meaning": "receipt",
                "role": self.role,
                "content": {"document": subject.record_id.name, "price": 12.5},
                **values,
            }
            for subject in subjects
        ]

    def _sign(self, count=1, credentials=None, company=None, **values):
        subjects = self._new_subjects(count, company)
        signer = self.Signature._authenticate(credentials or {}, "receipt")
        return self.Signature._sign(self._prepare_items(subjects, **values), signer).sudo()

    def _seal(self):
        return self.Seal._seal_batch()

    def _verify(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["quality.signature"]._verify(self.company)

    def _execute(self, query, *params):
        self.env.flush_all()
        self.env.cr.execute(SQL(query, *params))
        self.env.invalidate_all()

    def _disable_guards(self):
        """Do what the owner of the database can do: triggers and constraints off."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT conrelid::regclass::text, conname FROM pg_constraint
             WHERE contype = 'f'
               AND (conrelid::regclass::text = ANY(%s) OR confrelid::regclass::text = ANY(%s))
            """,
            [list(TABLES), list(TABLES)],
        )
        for table, constraint in self.env.cr.fetchall():
            self._execute(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(constraint),
            )
        for table in TABLES:
            self._execute("ALTER TABLE %s DISABLE TRIGGER USER", SQL.identifier(table))

    def assertFound(self, *kinds):
        """Check that the verification finds something of these kinds, and only of these."""
        result = self._verify()
        self.assertFalse(result.intact)
        self.assertEqual({broken.kind for broken in result.findings}, set(kinds))
        return result

    def assertIntact(self, sealed, waiting=0):
        result = self._verify()
        self.assertEqual(result.findings, ())
        self.assertEqual((result.sealed, result.waiting), (sealed, waiting))


@tagged("post_install", "-at_install")
class TestSigning(SignatureCase):
    def test_a_signature_copies_who_signed_what_and_when(self):
        """M1: signer, role, way, meaning, time and content stand in the signature itself."""
        signature = self._sign()
        self.assertEqual(signature.signer_name, self.user.name)
        self.assertEqual(signature.signer_uid, self.user.id)
        self.assertEqual((signature.way, signature.meaning), ("login", "receipt"))
        self.assertEqual((signature.role_code, signature.role_name), ("signature_test", "Tester"))
        self.assertEqual(json.loads(signature.content)["content"]["price"], 12.5)
        self.assertEqual(signature.display_name, self.user.name)
        self.assertFalse(signature.position)

    def test_one_click_leaves_one_signature_per_role(self):
        """M3: several items are signed at once, each with a signature, in their order."""
        subjects = self._new_subjects(3)
        signer = self.Signature._authenticate({}, "receipt")
        signatures = self.Signature._sign(self._prepare_items(subjects), signer)
        self.assertEqual(len(signatures), 3)
        self.assertEqual(subjects.mapped("signature_id"), signatures.sudo())

    def test_many_signatures_cost_no_more_queries_than_few(self):
        """M3: signing is done in batch."""
        self._sign()
        counts = []
        for size in (5, 50):
            subjects = self._new_subjects(size)
            items = self._prepare_items(subjects)
            signer = self.Signature._authenticate({}, "receipt")
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.Signature._sign(items, signer)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 2, counts)

    def test_what_is_signed_is_not_signed_again(self):
        """M1: a second signature never takes the place of the first."""
        subject = self._new_subjects()
        signer = self.Signature._authenticate({}, "receipt")
        self.Signature._sign(self._prepare_items(subject), signer)
        with self.assertRaises(UserError):
            self.Signature._sign(self._prepare_items(subject), signer)

    def test_nothing_is_signed_without_a_subject(self):
        """M1: a signature always stands under something."""
        [item] = self._prepare_items(self._new_subjects())
        signer = self.Signature._authenticate({}, "receipt")
        item["subjects"] = item["subjects"].browse()
        with self.assertRaises(UserError):
            self.Signature._sign([item], signer)

    def test_signing_wakes_the_sealer_once_per_transaction(self):
        """M1: the sealer is asked at commit, and costs signing nothing."""
        Trigger = self.env["ir.cron.trigger"]
        sealer = [("cron_id", "=", self.env.ref(f"{MODULE}.ir_cron_seal").id)]
        before = Trigger.search_count(sealer)
        self._sign()
        self._sign(2)
        self.assertEqual(Trigger.search_count(sealer), before)
        self.env.cr.precommit.run()
        self.assertEqual(Trigger.search_count(sealer), before + 1)

    def test_prices_in_the_content_are_for_those_who_see_prices(self):
        """M5: the content may hold prices, so only the price groups read it."""
        signature = self._sign().with_user(self.user)
        with self.assertRaises(AccessError):
            signature.read(["content"])
        self.user.group_ids |= self.env.ref(f"{MODULE}.group_price")
        self.assertIn("12.5", signature.read(["content"])[0]["content"])


@tagged("post_install", "-at_install")
class TestAppendOnly(SignatureCase):
    def test_no_group_adds_changes_or_deletes_a_signature(self):
        """M1: signatures come into being by signing only, and stay."""
        signature = self._sign()
        self._seal()
        seal = self.Seal.search([("signature_id", "=", signature.id)])
        values = signature.read(load="_classic_write")[0]
        for group in (*GROUPS, "group_price"):
            user = self._new_user(f"{group}_user", group)
            with self.subTest(group=group):
                self._check_refused(signature.with_user(user), {"signer_name": "X"}, values)
                self._check_refused(seal.with_user(user), {"position": 9}, {"position": 9})

    def test_not_even_an_administrator_does(self):
        """M1: no right in the module or in the system opens the table."""
        signature = self._sign()
        admin = self._new_user("administrator")
        admin.group_ids |= self.env.ref("base.group_system")
        values = signature.read(load="_classic_write")[0]
        self._check_refused(signature.with_user(admin), {"signer_name": "X"}, values)

    def _check_refused(self, record, vals, create_vals):
        for call in (
            lambda: record.write(vals),
            record.unlink,
            lambda: record.create([create_vals]),
            lambda: record.copy(),
        ):
            with self.assertRaises(UserError):  # AccessError is one
                call()

    def test_the_superuser_is_refused_in_a_plain_sentence(self):
        """M1: server code does not change a signature by mistake either."""
        signature = self._sign()
        with self.assertRaisesRegex(UserError, "as it was given"):
            signature.write({"content": "{}"})
        with self.assertRaisesRegex(UserError, "deleted"):
            signature.unlink()

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_to_change_or_remove(self):
        """M1: stray SQL meets the guards."""
        self._sign(2)
        self._seal()
        self.assertIntact(sealed=2)
        for query in (
            "UPDATE quality_signature SET signer_name = 'X'",
            "UPDATE quality_signature SET content = content || ' '",
            "UPDATE quality_signature SET content_hash = ''",
            "UPDATE quality_signature SET signed_at = now()",
            "DELETE FROM quality_signature",
            "TRUNCATE quality_signature CASCADE",
            "UPDATE quality_signature_seal SET position = position + 100",
            "UPDATE quality_signature_seal SET sealed_at = sealed_at + interval '1 day'",
            "DELETE FROM quality_signature_seal",
            "TRUNCATE quality_signature_seal",
            "DELETE FROM quality_signature_chain",
            "TRUNCATE quality_signature_chain",
            "UPDATE quality_signature_check SET position = 1",
            "UPDATE quality_signature_check SET head = ''",
            "DELETE FROM quality_signature_check",
            "TRUNCATE quality_signature_check",
        ):
            with self.subTest(query=query):
                with self.assertRaises(RestrictViolation), self.env.cr.savepoint():
                    self.env.cr.execute(query)
        self.assertIntact(sealed=2)

    def test_a_new_column_with_a_default_fits_in(self):
        """M1: a later version of the module may add a column and fill it."""
        self._sign(2)
        self._seal()
        for table in TABLES:
            self._execute("ALTER TABLE %s ADD COLUMN later VARCHAR", SQL.identifier(table))
            self._execute("UPDATE %s SET later = 'x'", SQL.identifier(table))
        self.assertIntact(sealed=2)

    def test_updating_the_module_restores_the_guards(self):
        """M1: guards are put up again by every update, and once only."""
        count = (
            "SELECT COUNT(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
            " AND tgname LIKE 'quality_signature%_guard_%'"
        )
        self._disable_guards()
        for table in TABLES:
            self.env[table.replace("_", ".")].init()
            self.env[table.replace("_", ".")].init()
        self.env.cr.execute(count)
        self.assertEqual(self.env.cr.fetchone(), (8,))

    def test_uninstalling_takes_the_guards_away(self):
        """M1: nothing of the module stays behind in the database."""
        drop_signature_guards(self.env)
        drop_signature_guards(self.env)
        self.env.cr.execute("SELECT COUNT(*) FROM pg_trigger WHERE tgname LIKE 'quality_sig%'")
        self.assertEqual(self.env.cr.fetchone(), (0,))
        self.env.cr.execute("SELECT COUNT(*) FROM pg_proc WHERE proname LIKE 'quality_sig%'")
        self.assertEqual(self.env.cr.fetchone(), (0,))


@tagged("post_install", "-at_install")
class TestSealing(SignatureCase):
    def test_each_company_has_a_chain_of_its_own_without_gaps(self):
        """M1: position and previous hash are given by the sealer, per company."""
        other = self.env["res.company"].create({"name": "Other"})
        self._sign(2)
        self._sign(3, company=other)
        self._sign(1)
        self._seal()
        seals = self.Seal.search([("company_id", "=", self.company.id)], order="position")
        self.assertEqual(seals.mapped("position"), [1, 2, 3])
        self.assertEqual(seals.mapped("signature_id.position"), [1, 2, 3])
        self.assertEqual(seals.mapped("previous_hash"), ["", *seals.mapped("seal_hash")[:2]])
        self.assertEqual(self.Seal.search_count([("company_id", "=", other.id)]), 3)

    def test_verification_counts_sealed_and_waiting(self):
        """M1: “n sealed, m waiting, intact”."""
        self._sign(3)
        self.assertIntact(sealed=0, waiting=3)
        self._seal()
        self.assertIntact(sealed=3)
        self._sign(2)
        self.assertIntact(sealed=3, waiting=2)

    def test_a_signature_that_commits_late_is_sealed_late(self):
        """M1: a lower id behind a higher one is what parallel transactions do, no finding."""
        late, *_others = self._sign(3)
        with patch.object(
            type(self.Seal),
            "_fetch_waiting",
            lambda seal, since, limit: {
                self.company.id: [(other.id, other.content_hash) for other in _others]
            },
        ):
            self._seal()
        self._seal()
        self.assertEqual(late.position, 3)
        self.assertIntact(sealed=3)

    def test_the_scheduled_action_seals_in_batches(self):
        """M1: one sealer works off what is waiting."""
        self._sign(7)
        seal_batch = type(self.Seal)._seal_batch
        with (
            self.enter_registry_test_mode(),
            patch.object(
                type(self.Seal),
                "_seal_batch",
                lambda seal, since=0: seal_batch(seal, since, limit=3),
            ),
        ):
            self.env.ref(f"{MODULE}.ir_cron_seal").method_direct_trigger()
        self.assertIntact(sealed=7)

    def test_a_second_sealer_does_nothing(self):
        """M1: two sealers never work at once, so the chain can't fork."""
        self._sign(2)
        with patch.object(type(self.Seal), "_lock_sealer", return_value=False):
            self.assertEqual(self._seal(), 0)
        self.assertIntact(sealed=0, waiting=2)

    def test_sealing_costs_the_same_queries_for_few_and_many(self):
        """M1: seals are inserted as sets."""
        counts = []
        for size in (10, 900):
            self._sign(size)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._seal()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_deleting_the_user_leaves_the_signature(self):
        """K3, M1: signed records keep the name of whoever has left."""
        leaver = self._new_user("leaver", "group_user")
        self.Signature = self.Signature.with_user(leaver)
        signature = self._sign()
        self._seal()
        name = leaver.name
        leaver.unlink()
        self.assertEqual(signature.display_name, name)
        self.assertIntact(sealed=1)

    def test_merging_contacts_leaves_the_signature(self):
        """M1: no column of a signature is touched when two contacts become one."""
        first, second = self.env["res.partner"].create([{"name": "One"}, {"name": "Two"}])
        signature = self._sign(credentials={"partner": second})
        self._seal()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (first | second).ids, first, extra_checks=False
        )
        self.assertFalse(second.exists())
        self.assertEqual((signature.way, signature.signer_name), ("token", "Two"))
        self.assertIntact(sealed=1)


@tagged("post_install", "-at_install")
class TestTampering(SignatureCase):
    """A database owner switches the guards off and does as they like: it is found."""

    def setUp(self):
        super().setUp()
        self.signatures = self._sign(8)
        self._seal()
        self._disable_guards()

    def _drop_unique_constraints(self):
        self._execute(
            "ALTER TABLE quality_signature_seal"
            " DROP CONSTRAINT quality_signature_seal_position_uniq,"
            " DROP CONSTRAINT quality_signature_seal_signature_uniq"
        )

    def _get_seal(self, position):
        return self.Seal.search([("company_id", "=", self.company.id), ("position", "=", position)])

    def test_every_hashed_column_of_a_signature_is_watched(self):
        """M1: editing any column of a signature is found, sealed or waiting."""
        waiting = self._sign()
        fields = self.env["quality.signature"]._fields
        for name in self.signatures._get_kept_columns():
            value = {"integer": 77, "many2one": 1, "datetime": "2001-01-01"}.get(
                fields[name].type, "x"
            )
            for signature in (self.signatures[3], waiting):
                if name == "company_id":
                    continue  # moved out of the company: see below
                with self.subTest(column=name), self.env.cr.savepoint() as savepoint:
                    self._execute(
                        "UPDATE quality_signature SET %s = %s WHERE id = %s",
                        SQL.identifier(name),
                        value,
                        signature.id,
                    )
                    self.assertFalse(self._verify().intact)
                    savepoint.rollback()

    def test_moving_a_signature_to_another_company_is_found(self):
        """M1: a signature belongs to the company that it was given for."""
        other = self.env["res.company"].create({"name": "Other"})
        self._execute(
            "UPDATE quality_signature SET company_id = %s WHERE id = %s",
            other.id,
            self.signatures[3].id,
        )
        self.assertFound("signature_replaced", "content_edited")
        # seen from the other company it is a signature like any other, only sealed elsewhere
        self.assertEqual(self.env["quality.signature"]._verify(other).waiting, 0)

    def test_every_column_of_a_seal_is_watched(self):
        """M1: editing a seal is found."""
        self._drop_unique_constraints()
        seal = self._get_seal(4)
        for name, value in {
            "position": 99,
            "signature_id": self.signatures[6].id,
            "signature_hash": "x",
            "previous_hash": "x",
            "seal_hash": "x",
            "sealed_at": "2001-01-01",
        }.items():
            with self.subTest(column=name), self.env.cr.savepoint() as savepoint:
                self._execute(
                    "UPDATE quality_signature_seal SET %s = %s WHERE id = %s",
                    SQL.identifier(name),
                    value,
                    seal.id,
                )
                self.assertFalse(self._verify().intact)
                savepoint.rollback()

    def test_editing_and_rehashing_the_content_is_found(self):
        """M1: a new hash does not hide an edit, the seal holds the old one."""
        signature = self.signatures[2]
        self._execute(
            "UPDATE quality_signature SET signer_name = 'Somebody Else' WHERE id = %s",
            signature.id,
        )
        row = signature.read(load="_classic_write")[0]
        self._execute(
            "UPDATE quality_signature SET content_hash = %s WHERE id = %s",
            signature._hash(row),
            signature.id,
        )
        [broken] = self.assertFound("signature_replaced").findings
        self.assertEqual((broken.signature_id, broken.position), (signature.id, 3))
        self.assertIn(str(signature.id), broken.sentence)

    def test_deleting_a_signature_is_found(self):
        """M1: its seal and what it signed still name it."""
        self._execute("DELETE FROM quality_signature WHERE id = %s", self.signatures[2].id)
        self.assertFound("signature_missing", "subject_dangling")

    def test_deleting_a_seal_is_found_even_after_sealing_again(self):
        """M1: the gap stays."""
        self._execute("DELETE FROM quality_signature_seal WHERE id = %s", self._get_seal(3).id)
        self.assertFound("seal_missing")
        self._seal()
        self.assertFound("seal_missing")

    def test_cutting_off_the_end_is_found(self):
        """M1: signatures and seals deleted together at the end leave the noted end behind."""
        self._execute("DELETE FROM quality_signature_seal WHERE position >= 7")
        self._execute("DELETE FROM quality_signature WHERE id IN %s", self.signatures[6:]._ids)
        self.assertFound("tail_cut", "subject_dangling")
        self._sign(3)
        self._seal()
        self.assertFound("seal_missing", "subject_dangling")

    def test_cutting_off_the_end_with_its_note_is_found_by_what_was_signed(self):
        """M1: the subjects still refer to the signatures that are gone."""
        head = self._get_seal(6).seal_hash
        self._execute("DELETE FROM quality_signature_seal WHERE position >= 7")
        self._execute("DELETE FROM quality_signature WHERE id IN %s", self.signatures[6:]._ids)
        self._execute(
            "UPDATE quality_signature_chain SET position = 6, seal_hash = %s WHERE company_id = %s",
            head,
            self.company.id,
        )
        self.assertFound("subject_dangling")

    def _cut(self, position):
        """Cut off the end without a trace: seals, signatures, references, and the noted end."""
        head = self._get_seal(position).seal_hash
        gone = self.signatures[position:]._ids
        self._execute(
            "DELETE FROM quality_signature_seal WHERE position > %s AND company_id = %s",
            position,
            self.company.id,
        )
        self._execute("DELETE FROM quality_signature WHERE id IN %s", gone)
        self._execute(
            "UPDATE quality_acknowledgement SET signature_id = NULL, state = 'open'"
            " WHERE signature_id IN %s",
            gone,
        )
        self._execute(
            "UPDATE quality_signature_chain SET position = %s, seal_hash = %s"
            " WHERE company_id = %s",
            position,
            head,
            self.company.id,
        )

    def test_a_clean_cut_is_found_once_the_chain_was_verified(self):
        """M1: a verification notes how far the chain had come, and when it was by whom."""
        self.assertIntact(sealed=8)
        self._cut(6)
        [broken] = self.assertFound("verified_cut").findings
        self.assertEqual(broken.position, 8)
        self._sign(1)  # a shorter chain grows again, and is still not what it was
        self._seal()
        self.assertFound("verified_cut")
        self._sign(3)
        self._seal()
        [broken] = self.assertFound("verified_differs").findings
        self.assertEqual(broken.position, 8)

    def test_a_clean_cut_behind_what_was_verified_is_not_found(self):
        """M1: what nobody has verified or noted yet can be cut off; the page on this says so."""
        self._cut(6)
        self.assertIntact(sealed=6)

    def test_rewriting_every_seal_is_found_once_the_chain_was_verified(self):
        """M1: a consistent rewrite leaves the notes of earlier verifications behind."""
        self.assertIntact(sealed=8)
        self._execute("DELETE FROM quality_signature_seal")
        self._execute("DELETE FROM quality_signature_chain")
        with patch.object(fields.Datetime, "now", lambda: datetime(2026, 1, 1)):
            self._seal()
        self.assertFound("verified_differs")

    def test_a_broken_chain_is_not_noted(self):
        """M1: only what was found whole counts as verified."""
        self._execute("DELETE FROM quality_signature_seal WHERE position = 3")
        self.assertFalse(self._verify().intact)
        self.assertFalse(
            self.env["quality.signature.check"].search([("company_id", "=", self.company.id)])
        )

    def test_emptying_the_chain_is_found(self):
        """M1: no seal and no noted end, but the seals restart: what is sealed waits again."""
        self._execute("DELETE FROM quality_signature_chain")
        self.assertFound("tail_added")

    def test_swapping_two_seals_is_found(self):
        """M1: the order of signing can't be changed."""
        self._drop_unique_constraints()
        first, second = self._get_seal(3), self._get_seal(5)
        self._execute(
            "UPDATE quality_signature_seal SET position = 8 - position WHERE id IN %s",
            (first.id, second.id),
        )
        kinds = {broken.kind for broken in self._verify().findings}
        self.assertLessEqual({"order_changed", "seal_edited"}, kinds)

    def test_swapping_two_signatures_is_found(self):
        """M1: exchanging ids exchanges nothing unnoticed, sealed or waiting."""
        waiting = self._sign(2)
        for first, second in (self.signatures[2:4], waiting):
            with self.env.cr.savepoint() as savepoint:
                self._execute("UPDATE quality_signature SET id = -1 WHERE id = %s", first.id)
                self._execute(
                    "UPDATE quality_signature SET id = %s WHERE id = %s", first.id, second.id
                )
                self._execute("UPDATE quality_signature SET id = %s WHERE id = -1", second.id)
                self.assertFalse(self._verify().intact)
                savepoint.rollback()

    def _forge(self):
        """Insert a perfect copy of a signature, with a right hash of its own."""
        columns = SQL(", ").join(
            SQL.identifier(name) for name in self.signatures._get_kept_columns()
        )
        self._execute(
            "INSERT INTO quality_signature (%s) SELECT %s FROM quality_signature WHERE id = %s",
            columns,
            columns,
            self.signatures[0].id,
        )
        return self.env["quality.signature"].search([], order="id desc", limit=1)

    def test_inserting_a_signature_is_found(self):
        """M1: nothing was signed with it, whether it was sealed since or not."""
        forged = self._forge()
        [broken] = self.assertFound("subject_missing").findings
        self.assertEqual(broken.signature_id, forged.id)
        self._seal()
        self.assertFound("subject_missing")

    def test_putting_a_signature_under_something_else_is_found(self):
        """M1: a signature shows only on what it was given for."""
        subject = self._new_subjects()
        self._execute(
            "UPDATE quality_acknowledgement SET signature_id = %s WHERE id = %s",
            self.signatures[0].id,
            subject.id,
        )
        self.assertFound("subject_foreign")

    def test_taking_a_signature_away_is_found(self):
        """M1: what was signed can't be made to look open again."""
        self._execute(
            "UPDATE quality_acknowledgement SET signature_id = NULL WHERE signature_id = %s",
            self.signatures[0].id,
        )
        self.assertFound("subject_missing")

    def test_a_seal_between_two_others_is_found(self):
        """M1: a forged seal has no place."""
        self._drop_unique_constraints()
        forged = self._forge()
        self._execute(
            "INSERT INTO quality_signature_seal (company_id, position, signature_id,"
            " signature_hash, previous_hash, seal_hash, sealed_at)"
            " SELECT company_id, position, %s, %s, previous_hash, seal_hash, sealed_at"
            " FROM quality_signature_seal WHERE id = %s",
            forged.id,
            forged.content_hash,
            self._get_seal(4).id,
        )
        kinds = {broken.kind for broken in self._verify().findings}
        self.assertLessEqual({"seal_doubled", "seal_edited", "subject_missing"}, kinds)

    def test_every_random_trial_is_found(self):
        """M1: edit, delete, insert, reorder in whatever combination: no trial goes unnoticed."""
        self._drop_unique_constraints()
        self._sign(2)
        untouched = self._take_snapshot()
        for seed in range(100):
            chance = random.Random(seed)
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                for _trial in range(chance.randint(1, 3)):
                    self._tamper(chance)
                # two trials may undo each other
                self.assertEqual(self._verify().intact, self._take_snapshot() == untouched)
                savepoint.rollback()

    def _take_snapshot(self):
        tables = {**dict.fromkeys(TABLES, "*"), "quality_acknowledgement": "id, signature_id"}
        del tables["quality_signature_check"]  # the verification itself adds to it
        snapshot = []
        for table, columns in tables.items():
            self.env.cr.execute(f"SELECT {columns} FROM {table} ORDER BY id")
            snapshot.append(self.env.cr.fetchall())
        return snapshot

    def _tamper(self, chance):
        first, second = chance.sample(self.signatures.ids, 2)
        position, other = chance.sample(range(1, 9), 2)
        company = self.company.id
        trials = [
            (
                "UPDATE quality_signature SET content = replace(content, '12.5', '1')"
                " WHERE id = %s",
                first,
            ),
            (
                "UPDATE quality_signature SET signed_at = signed_at - interval '1 second'"
                " WHERE id = %s",
                first,
            ),
            (
                "UPDATE quality_signature SET id = %s - id WHERE id IN %s",
                -first - second,
                (first, second),
            ),
            ("DELETE FROM quality_signature WHERE id = %s", first),
            (
                "DELETE FROM quality_signature_seal WHERE company_id = %s AND position = %s",
                company,
                position,
            ),
            (
                "DELETE FROM quality_signature_seal WHERE company_id = %s AND position >= %s",
                company,
                position,
            ),
            (
                "UPDATE quality_signature_seal SET position = %s - position WHERE company_id = %s"
                " AND position IN %s",
                position + other,
                company,
                (position, other),
            ),
            (
                "UPDATE quality_signature_seal SET signature_id = %s WHERE signature_id = %s",
                first,
                second,
            ),
            (
                "UPDATE quality_acknowledgement SET signature_id = %s WHERE signature_id = %s",
                first,
                second,
            ),
        ]
        if chance.random() < 0.1:
            self._forge()
        else:
            self._execute(*chance.choice(trials))

    def test_moving_a_receipt_is_found(self):
        """M1: a receipt belongs to the document and the role that it was given for."""
        receipts = self.env["quality.acknowledgement"].search(
            [("signature_id", "=", self.signatures[0].id)]
        )
        other = self._new_subjects().record_id
        self._execute("DELETE FROM quality_acknowledgement WHERE record_id = %s", other.id)
        role = self.env["quality.role"].create({"name": "Other", "code": "signature_other"})
        for column, value in {"record_id": other.id, "role_id": role.id}.items():
            with self.subTest(column=column), self.env.cr.savepoint() as savepoint:
                self._execute(
                    "UPDATE quality_acknowledgement SET %s = %s WHERE id = %s",
                    SQL.identifier(column),
                    value,
                    receipts.id,
                )
                self.assertFound("subject_altered")
                savepoint.rollback()

    def test_another_code_of_a_role_is_no_finding(self):
        """M1: who renames a role has changed nothing that was signed."""
        self.role.code = "signature_renamed"
        self.assertIntact(sealed=8)


@tagged("post_install", "-at_install")
class TestTamperedReview(QualityCase):
    """What the database owner does to opinions is found by comparing them with the signature."""

    def setUp(self):
        super().setUp()
        self.order = self._create_order()
        self.review = self._request_review(self.order)
        self._sign(self.review, self.engineer)
        self._sign(self.review, self.producer, "object", "No capacity before May")
        self.opinion = self.review.opinion_ids.filtered(
            lambda opinion: opinion.role_id.code == "engineering"
        )

    def _execute(self, query, *params):
        self.env.flush_all()
        self.env.cr.execute(SQL(query, *params))
        self.env.invalidate_all()

    def _find(self):
        self.env.flush_all()
        self.env.invalidate_all()
        findings = self.env["quality.signature"]._verify(self.company).findings
        return {broken.kind for broken in findings}

    def test_whatever_is_rewritten_in_an_opinion_is_found(self):
        """M1: question, clause, role, document, meaning, weight, answer, reason and state."""
        self.assertFalse(self._find())
        other = self._request_review(self._create_order())
        for column, value in {
            "question": '{"en_US": "Is the weather fine?"}',
            "clause": "ISO 9001 9.9",
            "role_id": self._role("quality").id,
            "record_id": other.record_id.id,
            "meaning": "approval",
            "blocking": False,
            "answer": "object",
            "reason": "Never said",
            "state": "open",
        }.items():
            with self.subTest(column=column), self.env.cr.savepoint() as savepoint:
                self._execute(
                    "UPDATE quality_opinion SET %s = %s WHERE id = %s",
                    SQL.identifier(column),
                    value,
                    self.opinion.id,
                )
                self.assertIn("subject_altered", self._find())
                savepoint.rollback()

    def test_another_code_of_a_role_is_no_finding(self):
        """M1: opinions note the role itself."""
        self._role("engineering").code = "renamed"
        self.assertFalse(self._find())

    def _forge(self, target, **values):
        source = self.opinion
        self._execute(
            "UPDATE quality_opinion SET signature_id = %s, carried_from_id = %s, state = 'done',"
            " answer = %s, reason = %s, basis = %s WHERE id = %s",
            values.get("signature", source.signature_id.id),
            values.get("origin", source.id),
            source.answer,
            source.reason or None,
            source.basis,
            target.id,
        )

    def test_a_forged_carry_over_is_found(self):
        """B1, M1: an answer is carried over within its order, to the same question, only."""
        other = self._request_review(self._create_order()).opinion_ids
        same_role = other.filtered(lambda opinion: opinion.role_id.code == "engineering")
        foreign = self.review.opinion_ids.filtered(
            lambda opinion: opinion.role_id.code == "quality"
        )
        for target in (same_role, foreign):
            with self.subTest(target.role_id.code), self.env.cr.savepoint() as savepoint:
                self._forge(target)
                self.assertIn("subject_foreign", self._find())
                savepoint.rollback()

    def test_two_forged_answers_do_not_vouch_for_each_other(self):
        """B1, M1: what was carried over leads back to what was signed."""
        order = self._create_order()
        first, second = (
            review.opinion_ids.filtered(lambda opinion: opinion.role_id.code == "engineering")
            for review in (self._request_review(order), self._request_review_again(order))
        )
        self._forge(first, origin=second.id)
        self._forge(second, origin=first.id)
        self.assertIn("subject_foreign", self._find())

    def test_whatever_is_rewritten_in_a_review_is_found(self):
        """B1, M1: content and fingerprints are those that were signed, also all at once."""
        self._role("quality").sees_prices = True  # one signs on the prices, others don't
        self._sign(self.review, self.inspector)
        self.assertFalse(self._find())
        forged = canonical({"lines": []})
        for values in (
            {"content": forged},
            {"content_hash": "0" * 64},
            {"public_hash": "0" * 64},
            {"content": forged, "content_hash": digest({"lines": []})},
            {"content": None},
            {"content": None, "content_hash": None, "public_hash": None},
        ):
            with self.subTest(values=values), self.env.cr.savepoint() as savepoint:
                self._rewrite_review(values)
                self.assertEqual(self._find(), {"document_altered"})
                savepoint.rollback()

    def _rewrite_review(self, values):
        for column, value in values.items():
            self._execute(
                "UPDATE quality_contract_review SET %s = %s WHERE id = %s",
                SQL.identifier(column),
                value,
                self.review.id,
            )

    def _request_review_again(self, order):
        order.order_line.price_unit += 1
        return self._request_review(order)

    def test_a_real_carry_over_is_no_finding(self):
        """B1, M1: through as many revisions as there are."""
        for _revision in range(2):
            revision = self._request_review_again(self.order)
        carried = revision.opinion_ids.filtered("carried_from_id")
        self.assertEqual(carried.signature_id, self.opinion.signature_id)
        self.assertFalse(self._find())
        self._execute(
            """UPDATE quality_opinion SET question = '{"en_US": "X?"}' WHERE id = %s""", carried.id
        )
        self.assertEqual(self._find(), {"subject_altered"})


@tagged("post_install", "-at_install")
class TestVerifyScreen(SignatureCase):
    def _open(self, user):
        action = self.env["quality.signature.verify"].with_user(user).action_verify()
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])

    def test_manager_and_auditor_read_that_all_is_intact(self):
        """M1: one click says how many are sealed and waiting, and that nothing is broken."""
        self._sign(3)
        self._seal()
        self._sign(1)
        for group in ("group_manager", "group_auditor"):
            verify = self._open(self._new_user(f"{group}_verifier", group))
            self.assertTrue(verify.intact)
            self.assertIn("3 sealed, 1 waiting, intact", verify.summary)
        notes = self.env["quality.signature.check"].search([("company_id", "=", self.company.id)])
        self.assertEqual(
            notes.mapped("user_login"), ["group_auditor_verifier", "group_manager_verifier"]
        )
        self.assertEqual(set(notes.mapped("position")), {3})

    def test_they_read_what_is_broken(self):
        """M1: the signature that was edited is named."""
        signature = self._sign(2)[1]
        self._seal()
        self._disable_guards()
        self._execute("UPDATE quality_signature SET signer_name = 'X' WHERE id = %s", signature.id)
        verify = self._open(self._new_user("verifier", "group_auditor"))
        self.assertFalse(verify.intact)
        self.assertEqual(verify.line_ids.signature, signature.id)
        self.assertEqual(verify.line_ids.position, 2)

    def test_others_are_refused(self):
        """M1: verification is for quality managers and auditors."""
        for group in ("group_user", "group_officer", "group_reviewer"):
            with self.assertRaises(AccessError):
                self._open(self._new_user(f"{group}_verifier", group))
