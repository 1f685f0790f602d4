"""A pytest plugin: one JSON object a line and test, in the file that $OUTCOMES names."""

import json
import os
from pathlib import Path

_unfinished = {}


def pytest_collectreport(report):
    if report.failed:
        _write(report.nodeid, "error", report.longreprtext)


def pytest_runtest_logreport(report):
    outcome, text = _unfinished.get(report.nodeid, ("passed", ""))
    if outcome == "passed" and not report.passed:
        # A fixture that fails is no failed assertion of the test, but no success either.
        outcome = "error" if report.failed and report.when != "call" else report.outcome
        text = report.longreprtext
    _unfinished[report.nodeid] = (outcome, text)
    if report.when == "teardown":
        file, _, name = report.location
        _write(f"{Path(file).stem}::{name}", *_unfinished.pop(report.nodeid))


def _write(test, outcome, text):
    with open(os.environ["OUTCOMES"], "a", encoding="utf-8") as file:
        file.write(json.dumps({"test": test, "outcome": outcome, "text": text}) + "\n")
