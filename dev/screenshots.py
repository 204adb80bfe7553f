#!/usr/bin/env python3
"""Take the pictures of the README and of the module's page: dev/screenshots.py

Works on copies of a database with demo data, one per language, so that the pictures don't
depend on what somebody did in the one of `make run`. The demo users do their part of the
order loop over RPC; a headless Chromium looks at the screens in between. English pictures go to
static/description/, the others to doc/screenshots/.
"""

import base64
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from cq.arena import Arena
from cq.console import Failure, say
from cq.environment import setup
from cq.paths import CHECKOUT, MODULE, REPO
from cq.server import EXTRA

LANGUAGES = {"en_US": REPO / "static" / "description", "zh_CN": REPO / "doc" / "screenshots"}
CONSENT = "document.querySelector('#quality').scrollIntoView()"
PROMISE = "document.querySelector('button[name=action_preview_promise]').click()"
TAB = "document.querySelector('.o_notebook .nav-link[name=%s]').click()"
DATABASE = f"cq_{CHECKOUT}_pictures"
DESK = (1280, 860)
TALL = (1280, 1000)
PHONE = (390, 844)
MAX_BYTES = 150_000
QUOTATION = "/odoo/action-sale.action_quotations_with_onboarding/%s"
OPEN = [["state", "=", "open"]]
# Nothing is loading, and what is shown is drawn.
QUIET = """
    document.readyState === "complete" && !document.querySelector(".o_loading_indicator")
    && !document.querySelector(".o_blockUI") && document.fonts.status === "loaded"
    && [...document.images].every((image) => image.complete)
"""


def main():
    odoo = setup(with_browser=True)
    if Path(sys.executable) != odoo.python:
        # What drives the browser is installed beside Odoo. With the PATH of before: the
        # programs that the set-up links there must not be taken for the system's.
        variables = {**odoo.variables, "PATH": os.environ.get("PATH", "")}
        os.execve(odoo.python, [str(odoo.python), *sys.argv], variables)
    say("installing the module with demo data")
    odoo.create_database(DATABASE, [MODULE], template=odoo.template_plain(extra=EXTRA))
    try:
        for language, folder in LANGUAGES.items():
            folder.mkdir(parents=True, exist_ok=True)
            with Arena(odoo, template=DATABASE) as arena:
                take_pictures(arena, language, folder)
    finally:
        odoo.drop_database(DATABASE)


def take_pictures(arena, language, folder):
    """Walk an order through its life and take a picture at each station."""
    say(f"taking the pictures in {language}")
    arena.sql(f"UPDATE res_partner SET lang = '{language}'")
    server = arena.serve(f"--db-filter=^{arena.database}$")
    arena.sql(f"INSERT INTO ir_config_parameter (key, value) VALUES ('report.url', '{server.url}')")
    people = {
        name: Person(server.url, arena.database, name)
        for name in ("sales", "engineering", "production", "quality", "management", "portal")
    }
    with chromium(arena.odoo.variables) as browser:
        album = Album(browser, server.url, folder, "" if language == "en_US" else f".{language}")
        walk(album, people)


def walk(album, people):
    """Take an order from quotation to receipt, with a picture at each station."""
    sales, production = people["sales"], people["production"]
    [order] = sales.call("sale.order", "search", [("client_order_ref", "=", "PO-2047")])
    album.take("quotation", sales, QUOTATION % order, ".o_form_view .alert-warning")
    [by_phone] = sales.call("sale.order", "search", [("client_order_ref", "=", "PO-2051")])
    requirements = TAB % "quality_requirements"
    form = QUOTATION % by_phone
    album.take("requirements", sales, form, ".o_notebook", TALL, requirements)
    album.take("promise", sales, form, ".o_form_view", click=PROMISE)
    album.take("order_register", sales, "/odoo/order-register", ".o_data_row")

    sales.call("sale.order", "action_request_quality_review", [order])
    [review] = sales.read("quality.contract.review", [("order_id", "=", order)], "record_id")
    people["engineering"].sign(review["record_id"][0])
    page = f"/quality/work/{review['record_id'][0]}"
    album.take("review_phone", production, page, ".o_quality_sign", PHONE)

    production.sign(review["record_id"][0], "condition", "Night shift in weeks 12 and 13")
    form = f"/odoo/contract-reviews/{review['id']}"
    album.take("review", people["quality"], form, ".o_quality_signoff .badge")

    for name in ("quality", "sales", "management"):
        people[name].sign(review["record_id"][0], reason="We can keep what we promise.")
    album.take("order", sales, QUOTATION % order, ".o_quality_approved, .oe_stat_button")
    album.print("review_form", sales, "report_contract_review", review["id"])

    production.fulfil(order, "The shift plan of weeks 12 and 13 is agreed.")
    sales.call("sale.order", "action_confirm", [order])
    [notice] = sales.read("quality.production.notice", [("order_id", "=", order)], "record_id")
    album.take("my_work", production, "/odoo/my-quality-work", ".o_data_row")
    people["engineering"].sign(notice["record_id"][0])
    form = f"/odoo/production-notices/{notice['id']}"
    album.take("notice", production, form, ".o_quality_signoff .badge")
    album.take("actions", people["quality"], "/odoo/quality-actions", ".o_data_row")
    page = f"/quality/work/{notice['record_id'][0]}"
    album.take("notice_phone", production, page, ".o_quality_sign", PHONE)
    change(album, people)
    unfold = ".o_qt_order:last-of-type .o_qt_side"
    click = f"document.querySelector({json.dumps(unfold)}).click()"
    album.take("timeline", sales, "/odoo/quality-timeline", ".o_qt_row", click=click)
    album.print("notice_form", production, "report_production_notice", production.print(notice))


def change(album, people):
    """Show what the delay of the demo data would do, and what is asked of the customer."""
    sales, changes = people["sales"], "quality.order.change"
    [late] = sales.read(changes, [("state", "=", "draft")], "record_id", "order_id")
    sales.call(changes, "action_show_impact", [late["id"]])
    form = f"/odoo/order-changes/{late['id']}"
    album.take("change", sales, form, ".o_notebook", TALL, TAB % "impact")
    sales.call(changes, "action_request", [late["id"]])
    page = f"/quality/work/{late['record_id'][0]}"
    album.take("change_phone", people["production"], page, ".o_quality_sign", PHONE)
    sales.call(changes, "action_ask_consent", [late["id"]])
    page = f"/my/orders/{late['order_id'][0]}"
    album.take("consent", people["portal"], page, ".o_quality_consent", click=CONSENT)
    album.print("change_form", sales, "report_order_change", late["id"])


class Person:
    """A demo user with a session on the server; the password is the login."""

    def __init__(self, url, database, login):
        import requests

        self.url = url
        self.session = requests.Session()
        session = self._post("/web/session/authenticate", db=database, login=login, password=login)
        self._options = {"context": session["user_context"]}

    @property
    def cookie(self):
        return self.session.cookies["session_id"]

    def call(self, model, method, *arguments):
        """Call a method of a model as this user and return its result."""
        path = f"/web/dataset/call_kw/{model}/{method}"
        return self._post(path, model=model, method=method, args=arguments, kwargs=self._options)

    def read(self, model, domain, *fields):
        """Return a dict for each record of a domain."""
        return self.call(model, "search_read", domain, fields)

    def sign(self, record, answer="agree", reason=""):
        """Sign everything that this user owes on a document; a condition holds the shipment."""
        mine = [("record_id", "=", record), ("is_mine", "=", True)]
        opinions = self.call("quality.opinion", "search", mine)
        receipts = self.call("quality.acknowledgement", "search", mine)
        said = {"answer": answer, "reason": reason, "hold": "shipment"}
        answers = dict.fromkeys(opinions, said)
        if answers or receipts:
            self.call("quality.record", "action_sign_off", [record], answers, receipts)

    def fulfil(self, order, evidence):
        """Say that the open actions of an order are done."""
        actions = self.call("quality.action", "search", [["order_id", "=", order], *OPEN])
        self.call("quality.action", "action_done", actions, evidence)

    def print(self, notice):
        """Print copies of a notice and return the id of the first one."""
        dialog = self.call("quality.production.notice", "action_print", [notice["id"]])
        self.call(dialog["res_model"], "action_print", [dialog["res_id"]])
        copies = [("notice_id", "=", notice["id"])]
        return self.call("quality.production.notice.copy", "search", copies)[0]

    def get(self, path):
        """Return the body of a page."""
        answer = self.session.get(self.url + path, timeout=120)
        answer.raise_for_status()
        return answer.content

    def _post(self, path, **parameters):
        body = {"jsonrpc": "2.0", "method": "call", "params": parameters}
        answer = self.session.post(self.url + path, json=body, timeout=120).json()
        if "error" in answer:
            raise Failure(f"{path}: {answer['error']['data']['message']}")
        return answer["result"]


class Album:
    """Takes pictures of pages and puts them into a folder."""

    def __init__(self, browser, url, folder, suffix):
        self.browser = browser
        self.url = url
        self.folder = folder
        self.suffix = suffix

    def take(self, name, person, path, selector, size=DESK, click=None):
        """Picture a page as a person sees it, once `selector` is on it and all is quiet.

        :param click: a script that leads to what is to be seen
        """
        self.browser.begin(size)
        self.browser.set_cookie(self.url, "session_id", person.cookie)
        self.browser.open(self.url + path)
        self.browser.wait_for(f"document.querySelector({json.dumps(selector)}) && {QUIET}")
        if click:
            self.browser.evaluate(click)
            self.browser.wait_for(QUIET)
        for problem in self.browser.problems():
            say(f"{name}: {problem}")
        self._save(name, self.browser.picture())

    def print(self, name, person, report, record):
        """Picture the first page of a printed form, where pdftoppm is installed."""
        form = person.get(f"/report/pdf/{MODULE}.{report}/{record}")
        if not form.startswith(b"%PDF"):
            raise Failure(f"{report} is not a PDF.")
        command = ["pdftoppm", "-png", "-r", "80", "-f", "1", "-singlefile", "-"]
        try:
            done = subprocess.run(command, input=form, capture_output=True, check=True)
        except FileNotFoundError:
            return say(f"{name}: no picture without pdftoppm (package poppler-utils)")
        self._save(name, done.stdout)

    def _save(self, name, content):
        from PIL import Image

        file = self.folder / f"{name}{self.suffix}.png"
        picture = Image.open(io.BytesIO(content)).convert("RGB")
        for colours in (256, 128, 64, 32):
            picture.quantize(colours).save(file, optimize=True)
            if file.stat().st_size <= MAX_BYTES:
                break
        say(f"{file.relative_to(REPO)}: {file.stat().st_size // 1024} KB")


@contextmanager
def chromium(variables):
    """Give a Browser of its own, and end it."""
    program = shutil.which("google-chrome", path=variables["PATH"])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        options += ["--hide-scrollbars", "--remote-debugging-port=0", "--remote-allow-origins=*"]
        process = subprocess.Popen(
            [program, *options, f"--user-data-dir={profile}", "about:blank"],
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield Browser(Path(profile, "DevToolsActivePort"))
        finally:
            process.terminate()
            process.wait()


class Browser:
    """One page of Chromium at a time, driven by its debugging protocol."""

    def __init__(self, port_file, seconds=30):
        end = time.monotonic() + seconds
        while not (port_file.is_file() and "\n" in port_file.read_text()):
            if time.monotonic() > end:
                raise Failure("Chromium does not start.")
            time.sleep(0.1)
        port = port_file.read_text().splitlines()[0]
        self._address = f"http://127.0.0.1:{port}/json"
        self._socket = None

    def begin(self, size):
        """Begin a new page on a screen of this size.

        A page that is left for another one may ask whether to stay, and hangs until it is
        answered; one that is closed does not.
        """
        import requests
        import websocket

        if self._socket:
            self._socket.close()
            requests.get(f"{self._address}/close/{self._page}", timeout=60)
        page = requests.put(f"{self._address}/new?about:blank", timeout=60).json()
        self._page = page["id"]
        self._socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=60)
        self._count = 0
        self._events = []
        for domain in ("Page", "Runtime", "Network"):
            self._send(f"{domain}.enable")
        self._resize(size)

    def _send(self, method, **parameters):
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise Failure(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self._events.append(answer)

    def _resize(self, size):
        """Be a screen of this size; a narrow one is a phone."""
        self._send(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=1,
            mobile=size[0] < 500,
        )

    def set_cookie(self, url, name, value):
        self._send("Network.setCookie", url=url, name=name, value=value)

    def open(self, url):
        self._send("Page.navigate", url=url)

    def evaluate(self, expression):
        return self._send("Runtime.evaluate", expression=expression)["result"].get("value")

    def wait_for(self, expression, seconds=60):
        """Wait until an expression has been true for half a second."""
        end = time.monotonic() + seconds
        streak = 0
        while streak < 5:
            if time.monotonic() > end:
                raise Failure(f"The page did not come so far: {expression}")
            streak = streak + 1 if self.evaluate(f"!!({expression})") else 0
            time.sleep(0.1)

    def problems(self):
        """Return what went wrong on the page: failed requests and errors of scripts."""
        for event in self._events:
            parameters = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                yield f"script error: {parameters['exceptionDetails'].get('text')}"
            elif event.get("method") == "Network.responseReceived":
                if parameters["response"]["status"] >= 400:
                    yield f"{parameters['response']['status']} {parameters['response']['url']}"
            elif event.get("method") == "Runtime.consoleAPICalled":
                if parameters["type"] == "error":
                    yield f"console error: {parameters['args'][0].get('value')}"

    def picture(self):
        """Return what is on the screen as PNG."""
        return base64.b64decode(self._send("Page.captureScreenshot")["data"])


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        say(f"ERROR: {failure}")
        sys.exit(1)
