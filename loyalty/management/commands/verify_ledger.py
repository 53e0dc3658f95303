"""Prove the ledger from its rows, one query for each statement."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from common.proof import Finding, Violation, configured_checks, prove


class Command(BaseCommand):
    help = (
        "Check every statement that must hold of the ledger. Prints a table, with the first rows "
        "that break a statement below it, and exits 1 when one is broken. Changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(prove(configured_checks()))
        broken = [finding for finding in findings if not finding.is_clean]
        self.stdout.write(as_json(findings) if options["json"] else as_table(findings))
        if broken:
            names = ", ".join(finding.check.id for finding in broken)
            raise CommandError(_("The ledger is broken: %(names)s.") % {"names": names})
        if not options["json"]:
            self.stdout.write(_("The ledger is clean."))


def as_table(findings: Sequence[Finding]) -> str:
    """A line for each statement, with the first rows that break it indented below."""
    lines = []
    for finding in findings:
        lines.append(
            f"{finding.check.id}  {finding.violations:>9,}  {finding.seconds:>6.2f} s"
            f"  {finding.check.statement}"
        )
        lines.extend(f"     {in_words(violation)}" for violation in finding.sample)
        if unseen := finding.violations - len(finding.sample):
            lines.append("     " + _("… and %(count)s more") % {"count": unseen})
    total = sum(finding.seconds for finding in findings)
    violations = sum(finding.violations for finding in findings)
    lines.append(f"{'Σ':<3}  {violations:>9,}  {total:>6.2f} s")
    return "\n".join(lines)


def in_words(violation: Violation) -> str:
    return _("%(subject)s %(id)s (account %(account)s): %(what)s: %(found)s, not %(expected)s") % {
        "subject": violation.subject,
        "id": violation.id,
        "account": "–" if violation.account is None else violation.account,
        "what": violation.what,
        "found": violation.found,
        "expected": violation.expected,
    }


def as_json(findings: Sequence[Finding]) -> str:
    """One object: whether all is clean, and each check with the first rows that break it."""
    checks = [
        {
            "id": finding.check.id,
            "statement": str(finding.check.statement),
            "violations": finding.violations,
            "seconds": round(finding.seconds, 3),
            "sample": [vars(violation) for violation in finding.sample],
        }
        for finding in findings
    ]
    is_clean = all(finding.is_clean for finding in findings)
    return json.dumps({"is_clean": is_clean, "checks": checks}, ensure_ascii=False, indent=2)
