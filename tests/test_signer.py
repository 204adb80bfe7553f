import base64
import hashlib
import io
import time
from datetime import datetime
from types import SimpleNamespace
from unittest.mock import patch

from PIL import Image

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_quality.models.blocks import signer as signer_module
from odoo.addons.customer_quality.models.blocks.pin_attempt import (
    MAX_WRONG_PINS,
    PIN_WINDOW,
)

from .test_signature import SignatureCase

PAPER = b"%PDF-1.4 a photo of the paper"
SCAN = base64.b64encode(PAPER).decode()
EVIDENCE = {"name": "receipt.jpg", "content": SCAN}
STRICT = ("conclusion", "approval", "override", "release", "verification", "waiver")


class SignerCase(SignatureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls.env["hr.employee"].create(
            {
                "name": "Wang Li",
                "company_id": cls.company.id,
                "barcode": "B4711",
                "quality_employee_number": "0815",
                "pin": "1234",
            }
        )
        cls.tablet = cls._new_user("tablet", "group_user", quality_shared_login=True)

    def setUp(self):
        super().setUp()
        self.addCleanup(self._forget_tries)

    def _forget_tries(self):
        """Tries at a PIN are counted in transactions of their own, which no rollback undoes."""
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM quality_pin_attempt WHERE employee_id = %s", [self.employee.id])

    def _authenticate(self, credentials=None, meaning="receipt", user=None):
        user = user or self.user
        signatures = self.Signature.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        return signatures._authenticate(credentials or {}, meaning)

    def assertRefused(self, credentials=None, meaning="receipt", user=None, error=UserError):
        with self.assertRaises(error) as caught:
            self._authenticate(credentials, meaning, user)
        return str(caught.exception)


@tagged("post_install", "-at_install")
class TestLogin(SignerCase):
    def test_a_colleague_signs_with_their_own_login(self):
        """M1: own login; the person is known as user and as employee."""
        self.employee.user_id = self.user
        signer = self._authenticate()
        self.assertEqual((signer.way, signer.uid), ("login", self.user.id))
        self.assertEqual(signer.name, self.user.name)
        self.assertEqual(signer.employee_id, self.employee.id)

    def test_a_colleague_without_employee_signs_as_well(self):
        """M1: nothing needs an employee."""
        signer = self._authenticate()
        self.assertEqual((signer.uid, signer.employee_id), (self.user.id, 0))

    def test_a_customer_signs_with_the_portal_login(self):
        """M1: portal."""
        portal = new_test_user(self.env, "customer", groups="base.group_portal")
        signer = self._authenticate(user=portal)
        self.assertEqual((signer.way, signer.uid), ("portal", portal.id))
        self.assertRefused({"way": "login"}, user=portal, error=AccessError)
        self.assertRefused({"badge": "B4711", "pin": "1234"}, user=portal, error=AccessError)
        self.assertRefused(
            {"entered_for": "Me", "evidence": EVIDENCE}, user=portal, error=AccessError
        )

    def test_a_personal_link_is_given_by_server_code_only(self):
        """M1: the browser can't claim to be a contact."""
        partner = self.env["res.partner"].create({"name": "Ann", "email": "ann@example.com"})
        public = self.env.ref("base.public_user")
        signer = self._authenticate({"way": "token", "partner": partner}, user=public)
        self.assertEqual((signer.way, signer.name), ("token", "Ann"))
        for claim in (partner.id, {"id": partner.id}, None):
            self.assertRefused({"way": "token", "partner": claim}, user=public, error=AccessError)
        self.assertRefused({}, user=public, error=AccessError)

    def test_automation_signs_nothing(self):
        """M1: a signature is a person's."""
        bot = self.env["res.users"].browse(SUPERUSER_ID)
        for credentials in (
            {},
            {"way": "login"},
            {"badge": "B4711", "pin": "1234"},
            {"entered_for": "Y", "evidence": EVIDENCE},
        ):
            self.assertRefused(credentials, user=bot, error=AccessError)

    def test_an_unknown_way_is_refused(self):
        """M1: there are five ways."""
        self.assertRefused({"way": "telepathy"})


@tagged("post_install", "-at_install")
class TestBadge(SignerCase):
    def test_a_shared_login_needs_a_person(self):
        """M1: a login marked as shared can't sign without a person's PIN."""
        self.assertIn("PIN", self.assertRefused(user=self.tablet))
        self.assertRefused({"way": "login", "password": "tabletxx"}, user=self.tablet)

    def test_badge_and_pin_make_the_person_known(self):
        """M1: the person signs, the device is noted."""
        signer = self._authenticate({"badge": "B4711", "pin": "1234"}, user=self.tablet)
        self.assertEqual((signer.way, signer.name), ("shared", "Wang Li"))
        self.assertEqual((signer.employee_id, signer.uid), (self.employee.id, 0))
        self.assertEqual(signer.device_login, "tablet")
        signature = self._sign(credentials={"employee_number": "0815", "pin": "1234"})
        self.assertEqual(signature.display_name, "Wang Li")
        self.assertEqual(signature.device_login, "signer")

    def test_the_person_behind_badge_and_login_is_the_same(self):
        """M1, G2: persons are compared, not logins."""
        self.employee.user_id = self.user
        by_badge = self._authenticate({"badge": "B4711", "pin": "1234"}, user=self.tablet)
        by_login = self._authenticate()
        self.assertEqual((by_badge.uid, by_badge.employee_id), (by_login.uid, by_login.employee_id))

    def test_a_wrong_pin_badge_or_number_is_refused(self):
        """M1: the sentence does not tell which of them was wrong."""
        sentences = {
            self.assertRefused({"badge": "B4711", "pin": "9999"}),
            self.assertRefused({"badge": "B0000", "pin": "1234"}),
            self.assertRefused({"employee_number": "1", "pin": "1234"}),
            self.assertRefused({"badge": "B4711", "pin": "１２３４"}),
        }
        self.assertEqual(len(sentences), 1)

    def test_a_missing_pin_is_refused(self):
        """M1: no PIN given, or none set."""
        self.assertRefused({"badge": "B4711"})
        self.assertRefused({"pin": "1234"})
        self.assertRefused({"badge": ["B4711"], "pin": "1234"})
        self.employee.pin = False
        self.assertIn("Wang Li", self.assertRefused({"badge": "B4711", "pin": "1234"}))

    def test_the_badge_of_another_company_is_refused(self):
        """M1: badges open the doors of one's own companies only."""
        self.employee.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertRefused({"badge": "B4711", "pin": "1234"})

    @mute_logger("odoo.addons.customer_quality.models.blocks.pin_attempt")
    def test_nobody_tries_all_the_pins(self):
        """M1: after five wrong PINs even the right one waits, though each refusal rolls back."""
        for _attempt in range(MAX_WRONG_PINS):
            self.assertRefused({"badge": "B4711", "pin": "0000"})
        self.assertIn("too many", self.assertRefused({"badge": "B4711", "pin": "1234"}))
        with freeze_time(datetime.now() + PIN_WINDOW):
            self._authenticate({"badge": "B4711", "pin": "1234"})

    def test_the_right_pin_ends_the_counting(self):
        """M1: who mistypes now and then is not locked out."""
        for _day in range(3):
            for _attempt in range(MAX_WRONG_PINS - 1):
                self.assertRefused({"badge": "B4711", "pin": "0000"})
            self._authenticate({"badge": "B4711", "pin": "1234"})

    def test_only_those_who_give_rights_mark_a_login_as_shared(self):
        """M1: nobody marks or unmarks their own login."""
        with self.assertRaises(AccessError):
            self.tablet.with_user(self.tablet).write({"quality_shared_login": False})


@tagged("post_install", "-at_install")
class TestEnteredFor(SignerCase):
    def test_what_was_signed_on_paper_is_entered_with_its_scan(self):
        """M1: “entered by X for Y”, with the file and its hash, never as Y's own."""
        signature = self._sign(credentials={"entered_for": "Zhao", "evidence": EVIDENCE})
        self.assertEqual(signature.way, "entered")
        self.assertEqual(signature.display_name, f"entered by {self.user.name} for Zhao")
        self.assertEqual(signature.entered_by_uid, self.user.id)
        attachment = self.env["ir.attachment"].browse(signature.evidence_attachment_id)
        self.assertEqual(attachment.raw, PAPER)
        self.assertEqual(
            (attachment.res_model, attachment.res_id), ("quality.signature", signature.id)
        )
        self.assertEqual(signature.evidence_sha256, hashlib.sha256(attachment.raw).hexdigest())
        self.assertIntact(sealed=0, waiting=1)

    def test_a_large_photo_is_kept_as_it_is(self):
        """M1: the file is not scaled down, its hash holds."""
        photo = io.BytesIO()
        Image.new("RGB", (3000, 2500)).save(photo, "JPEG")
        evidence = {"name": "photo.jpg", "content": photo.getvalue()}
        self._sign(credentials={"entered_for": "Zhao", "evidence": evidence})
        self.assertIntact(sealed=0, waiting=1)

    def test_the_scan_stays(self):
        """M1, K1: evidence can be read by who reads the signature, and removed by nobody."""
        signature = self._sign(credentials={"entered_for": "Zhao", "evidence": EVIDENCE})
        attachment = self.env["ir.attachment"].browse(signature.evidence_attachment_id)
        for user in (self.user, self._new_user("manager", "group_manager")):
            mine = attachment.with_user(user)
            self.assertTrue(mine.raw)
            for call in (mine.unlink, lambda own=mine: own.write({"raw": b"x"})):
                with self.assertRaises(AccessError):
                    call()
        with self.assertRaises(UserError):
            attachment.raw = b"another photo"
        self._force_content(attachment, b"another photo")
        self.assertFound("evidence_broken")

    def _force_content(self, attachment, raw):
        """Replace a file as only the owner of the database can."""
        other = self.env["ir.attachment"].create({"name": "other", "raw": raw})
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE ir_attachment kept
               SET store_fname = other.store_fname, db_datas = other.db_datas,
                   checksum = other.checksum, file_size = other.file_size
              FROM ir_attachment other
             WHERE kept.id = %s AND other.id = %s
            """,
            [attachment.id, other.id],
        )
        self.env.invalidate_all()

    def test_a_colleague_is_named_by_employee_or_user(self):
        """M1: the person is known where they are one of us."""
        for person in ({"employee_id": self.employee.id}, {"user_id": self.tablet.id}):
            signer = self._authenticate({"entered_for": person, "evidence": EVIDENCE})
            self.assertIn(signer.name, ("Wang Li", self.tablet.name))
        stranger = self.env["hr.employee"].create(
            {"name": "S", "company_id": self.env["res.company"].create({"name": "Other"}).id}
        )
        self.assertRefused(
            {"entered_for": {"employee_id": stranger.id}, "evidence": EVIDENCE}, error=AccessError
        )

    def test_a_file_that_is_there_already_may_be_the_evidence(self):
        """M1: the photo posted on the document serves, if one may read it."""
        attachment = self.env["ir.attachment"].create({"name": "chat.pdf", "raw": PAPER})
        attachment.res_model, attachment.res_id = "res.users", self.user.id
        credentials = {"entered_for": "Zhao", "evidence_attachment_id": attachment.id}
        self.assertEqual(self._authenticate(credentials).evidence, PAPER)
        attachment.res_model, attachment.res_id = "ir.cron", self.env["ir.cron"].search([])[0].id
        self.assertRefused(credentials, error=AccessError)

    def test_nothing_is_entered_without_person_or_evidence(self):
        """M1: with photo or scan."""
        self.assertRefused({"entered_for": "Zhao"})
        self.assertRefused({"entered_for": "Zhao", "evidence": {"name": "x", "content": ""}})
        self.assertRefused({"entered_for": "Zhao", "evidence": {"name": "x", "content": "é"}})
        self.assertRefused({"way": "entered", "entered_for": " ", "evidence": EVIDENCE})

    def test_the_evidence_is_an_image_or_a_pdf(self):
        """M1: judged by what is in the file, not by its name."""
        photo = io.BytesIO()
        Image.new("RGB", (9, 9)).save(photo, "PNG")
        for content in (photo.getvalue(), PAPER):
            self._authenticate({"entered_for": "Zhao", "evidence": {"content": content}})
        svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
        for content in (b"a text", b"PK\x03\x04", b"<html>", svg):
            evidence = {"name": "photo.png", "content": content}
            with self.subTest(content=content):
                sentence = self.assertRefused({"entered_for": "Zhao", "evidence": evidence})
                self.assertIn("image or a PDF", sentence)

    def test_the_evidence_has_ten_megabytes_at_most(self):
        """M1: as bytes, as base64, and as a file that is there already."""
        size = signer_module.MAX_EVIDENCE_MB * 1024 * 1024
        self._authenticate({"entered_for": "Z", "evidence": {"content": PAPER.ljust(size)}})
        large = PAPER.ljust(size + 3)
        attachment = self.env["ir.attachment"].create({"name": "large.pdf", "raw": large})
        attachment.res_model, attachment.res_id = "res.users", self.user.id
        for credentials in (
            {"evidence": {"content": large}},
            {"evidence": {"content": base64.b64encode(large).decode()}},
            {"evidence_attachment_id": attachment.id},
        ):
            sentence = self.assertRefused({"entered_for": "Zhao", **credentials})
            self.assertIn("larger than 10 MB", sentence)

    def test_nothing_is_entered_for_somebody_archived(self):
        """M1: who has left signs nothing, not even on paper."""
        leaver = self._new_user("leaver", "group_user")
        leaver.active = self.employee.active = False
        for person in ({"employee_id": self.employee.id}, {"user_id": leaver.id}):
            sentence = self.assertRefused({"entered_for": person, "evidence": EVIDENCE})
            self.assertIn("archived", sentence)

    def test_only_opinions_and_receipts_are_entered(self):
        """M1: never approval, verification, waiver, release, conclusion or override."""
        credentials = {"entered_for": "Zhao", "evidence": EVIDENCE}
        self._authenticate(credentials, "opinion")
        for meaning in STRICT:
            with self.subTest(meaning=meaning):
                self.assertRefused(credentials, meaning)
                with self.assertRaises(UserError):  # not even with a signer for something else
                    self._sign(credentials=credentials, meaning=meaning)

    def test_on_a_shared_login_the_one_who_enters_gives_the_pin(self):
        """M1: X is a person, too."""
        credentials = {"entered_for": "Zhao", "evidence": EVIDENCE}
        self.assertRefused(credentials, user=self.tablet)
        signer = self._authenticate(
            {**credentials, "badge": "B4711", "pin": "1234"}, user=self.tablet
        )
        self.assertEqual((signer.name, signer.entered_by.name), ("Zhao", "Wang Li"))


@tagged("post_install", "-at_install")
class TestOddCredentials(SignerCase):
    def test_whatever_could_not_be_read_is_refused_in_a_sentence(self):
        """M1: no call of a stranger's making ends in a traceback."""
        entered = {"entered_for": "Zhao", "evidence": EVIDENCE}
        for credentials in (
            "password",
            ["login"],
            7,
            {"way": ["login"]},
            {"way": {"login": 1}},
            {"badge": ["B4711"], "pin": "1234"},
            {"badge": "B\0", "pin": "1234"},
            {"badge": "B4711", "pin": {"a": 1}},
            {"password": ["x"]},
            {"password": "\ud800"},
            {**entered, "entered_for": ["Zhao"]},
            {**entered, "entered_for": 5},
            {**entered, "entered_for": "Zh\0ao"},
            {**entered, "entered_for": {"employee_id": "1"}},
            {**entered, "entered_for": {"user_id": 10**30}},
            {**entered, "entered_for": {"user_id": True}},
            {**entered, "entered_for": {"name": ["Zhao"]}},
            {**entered, "evidence": SCAN},
            {**entered, "evidence": [SCAN]},
            {**entered, "evidence": {"name": 5, "content": SCAN}},
            {**entered, "evidence": {"name": "x\0", "content": SCAN}},
            {**entered, "evidence": {"name": "x", "content": [1]}},
            {**entered, "evidence_attachment_id": "5"},
            {**entered, "evidence_attachment_id": -5},
            {**entered, "evidence_attachment_id": [5]},
        ):
            with self.subTest(credentials=str(credentials)):
                self.assertIn("could not be read", self.assertRefused(credentials))

    def test_what_is_empty_or_unknown_is_no_harm(self):
        """M1: nothing given is not something odd."""
        self._authenticate(
            {"way": False, "badge": None, "pin": "", "evidence": False, "entered_for": {}, "x": [1]}
        )


@tagged("post_install", "-at_install")
class TestPassword(SignerCase):
    def _set_policy(self, policy):
        self.company.quality_password_policy = policy

    def _session(self, seconds_ago, uid=None):
        session = {"identity-check-last": time.time() - seconds_ago}
        session = type("Session", (dict,), {"uid": uid or self.user.id})(session)
        return patch.object(signer_module, "request", SimpleNamespace(session=session))

    def test_without_a_policy_no_password_is_asked_for(self):
        """M1: the default, as Odoo does it."""
        self._authenticate()

    def test_a_wrong_password_never_signs(self):
        """M1: whatever the policy."""
        for policy in ("none", "recent", "each"):
            self._set_policy(policy)
            self.assertRefused({"password": "guess"})

    def test_each_signature_asks_for_the_password(self):
        """M1: a call without it is refused, with it passes."""
        self._set_policy("each")
        self.assertIn("password", self.assertRefused())
        self._authenticate({"password": "signerxx"})
        with self._session(seconds_ago=5):
            self.assertRefused()

    def test_a_password_of_the_last_ten_minutes_does(self):
        """M1: checked by Odoo's own identity check, in the session of the same user."""
        self._set_policy("recent")
        self.assertRefused()
        with self._session(seconds_ago=5 * 60):
            self._authenticate()
        with self._session(seconds_ago=11 * 60):
            self.assertRefused()
        with self._session(seconds_ago=5, uid=self.tablet.id):
            self.assertRefused()

    def test_pin_and_personal_link_stand_for_the_password(self):
        """M1: who gave a PIN gave a secret."""
        self._set_policy("each")
        self._authenticate({"badge": "B4711", "pin": "1234"}, user=self.tablet)
        self._authenticate({"partner": self.env["res.partner"].create({"name": "Ann"})})
        self.assertRefused({"entered_for": "Zhao", "evidence": EVIDENCE})
        self._authenticate({"entered_for": "Zhao", "evidence": EVIDENCE, "password": "signerxx"})

    def test_the_policy_is_that_of_the_company_signed_for(self):
        """M1: switching to a company without a policy does not get around it."""
        self._set_policy("each")
        lax = self.env["res.company"].create({"name": "Lax"})
        subjects = self._new_subjects()
        signer = self.Signature._authenticate({}, "receipt", company=lax)
        with self.assertRaises(UserError):
            self.Signature._sign(self._prepare_items(subjects), signer)
