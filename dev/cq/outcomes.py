"""A plugin of pytest that writes down how each test ended: -p cq.outcomes, CQ_OUTCOMES=FILE"""

import json
import os
from pathlib import Path

RANK = ("passed", "skipped", "failed")
ended = {}


def _note(report):
    # A test has several reports: set-up, call, subtests, tear-down. The worst one counts.
    known = ended.get(report.nodeid, RANK[0])
    ended[report.nodeid] = max(known, report.outcome, key=RANK.index)


def pytest_runtest_logreport(report):
    _note(report)


def pytest_collectreport(report):
    if report.failed:
        _note(report)


def pytest_sessionfinish():
    Path(os.environ["CQ_OUTCOMES"]).write_text(json.dumps(ended, indent=0, sort_keys=True))
