"""`dev/task smoke`: `make run` as a newcomer would, then a page and a printed form."""

import http.cookiejar
import json
import os
import re
import socket
import subprocess
import urllib.parse
import urllib.request

from .console import Failure, say
from .paths import REPO
from .server import DATABASE

ORDER_FORM = "sale.report_saleorder"


def smoke():
    """Start the server, log in and print an order; return the exit status.

    :raises Failure: with what did not come as it must
    """
    port = _free_port()
    variables = dict(os.environ, PORT=str(port))
    run = subprocess.Popen(
        ["make", "run"], cwd=REPO, env=variables, stdout=subprocess.PIPE, text=True
    )
    try:
        for line in run.stdout:
            print(line, end="", flush=True)
            if line.startswith("Ctrl-C"):
                break
        else:
            raise Failure("make run ended before the server was ready.")
        visit(Browser(f"http://127.0.0.1:{port}"))
    finally:
        subprocess.run(["make", "stop"], cwd=REPO)
        run.wait()
    if run.returncode:
        raise Failure(f"make run ended with status {run.returncode}.")
    say("smoke run passed")
    return 0


def visit(browser):
    """Log in and print an order.

    :raises Failure: with what did not come as it must
    """
    browser.log_in("admin", "admin")
    order = browser.call("sale.order", "search", [[]], {"limit": 1})
    document = browser.get(f"/report/pdf/{ORDER_FORM}/{order[0]}")
    if not document.startswith(b"%PDF"):
        raise Failure(f"{ORDER_FORM} came as {document[:60]!r} and not as a PDF.")
    say(f"the order form came as a PDF of {len(document) // 1024} KB")


class Browser:
    """A session with the server."""

    def __init__(self, address):
        self.address = address
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def get(self, path, data=None, headers=None):
        """Return the body of a page."""
        request = urllib.request.Request(self.address + path, data=data, headers=headers or {})
        with self._opener.open(request, timeout=120) as answer:
            return answer.read()

    def log_in(self, login, password):
        """Log in by the login page, as a person does."""
        page = self.get("/web/login").decode()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        if not token:
            raise Failure("The login page has no form.")
        form = {"login": login, "password": password, "csrf_token": token[1], "db": DATABASE}
        page = self.get("/web/login", urllib.parse.urlencode(form).encode()).decode()
        if "oe_login_form" in page:
            raise Failure(f"The login {login} is refused.")

    def call(self, model, method, arguments, options):
        """Call a method of a model and return its result."""
        parameters = {"model": model, "method": method, "args": arguments, "kwargs": options}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": parameters}).encode()
        path = f"/web/dataset/call_kw/{model}/{method}"
        answer = json.loads(self.get(path, body, {"Content-Type": "application/json"}))
        if "error" in answer:
            raise Failure(f"{model}.{method}: {answer['error']['data']['message']}")
        return answer["result"]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
