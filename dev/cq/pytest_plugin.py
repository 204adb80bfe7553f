"""What our test runs add to pytest-odoo.

A test that is skipped fails, unless pytest.ini allows it: a browser test without a
browser would pass unseen. And the bundles of the web client are built once, before the
first browser test, not in each of them.
"""

import inspect
from fnmatch import fnmatch

import pytest

import odoo
from odoo.tests.common import HttpCase

from .arena import Arena
from .environment import setup

BUNDLES = {
    "web.assets_web": ("js", "css"),
    "web.assets_frontend": ("js", "css"),
    "web.assets_unit_tests_setup": ("js", "css"),
    "web.assets_unit_tests": ("js", "css"),
    "web.assets_tests": ("js",),
    "web.assets_frontend_minimal": ("js",),
    "web.assets_frontend_lazy": ("js",),
    "bus.websocket_worker_assets": ("js",),
}


def pytest_addoption(parser):
    parser.addini("allowed_skips", "patterns of test ids that may be skipped", "linelist")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    allowed = item.config.getini("allowed_skips")
    expected_failure = hasattr(report, "wasxfail")
    if (
        report.skipped
        and not expected_failure
        and not any(fnmatch(item.nodeid, p) for p in allowed)
    ):
        report.outcome = "failed"
        report.longrepr = f"Skipped, which no test may be: {report.longrepr[-1]}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"Skipped, which no test may be: {report.longrepr[-1]}"
    return report


@pytest.fixture(scope="session", autouse=True)
def bundles(request, load_registry):
    """Build the bundles of the web client before the first test, if one opens a browser."""
    if not any(_opens_browser(item) for item in request.session.items):
        return
    registry = odoo.modules.registry.Registry(odoo.tests.common.get_db_name())
    with registry.cursor() as cursor:
        qweb = odoo.api.Environment(cursor, odoo.SUPERUSER_ID, {})["ir.qweb"]
        for name, kinds in BUNDLES.items():
            for kind in kinds:
                bundle = qweb._get_asset_bundle(name, js=kind == "js", css=kind == "css")
                getattr(bundle, kind)()


def _opens_browser(item):
    case = getattr(item, "cls", None)
    if not case or not issubclass(case, HttpCase):
        return False
    source = inspect.getsource(inspect.getmodule(case))
    return "start_tour" in source or "browser_js" in source


@pytest.fixture
def arena():
    """A database of its own for real processes, see cq.arena."""
    with Arena(setup()) as fresh:
        yield fresh
