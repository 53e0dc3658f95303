"""A database to measure in, committed and shared by the session, and the report of its figures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test.utils import setup_databases, teardown_databases

from .report import Report, machine_of_this_run

HERE = Path(__file__).parent
REPORT = pytest.StashKey[Report]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.postgres)
            item.add_marker(pytest.mark.timeout(0))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table last, where it is looked for."""
    report = config.stash.get(REPORT, None)
    if report and report.figures:
        terminalreporter.section("measured")
        terminalreporter.write_line(report.table())


@pytest.fixture(name="report", scope="session")
def report_fixture(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[Report]:
    """The session's report. Asking for it makes a database that lasts as long as the session:
    what a test writes in it is committed, for other processes to see.
    """
    report = request.config.stash.setdefault(REPORT, Report())
    with django_db_blocker.unblock():
        names = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
        try:
            machine = machine_of_this_run()
            assert machine["fsync"] == machine["synchronous_commit"] == "on", "Use `make bench`."
            yield report
            report.write(machine)
        finally:
            teardown_databases(names, verbosity=0)
