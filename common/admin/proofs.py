"""Proofs of the ledger as operators see them: night by night, and what was broken."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.models import LedgerProof
from common.numbers import format_number
from common.proof import configured_checks

from .bases import ReadOnlyModelAdmin, display
from .columns import state


@admin.register(LedgerProof)
class LedgerProofAdmin(ReadOnlyModelAdmin):
    """Every night's proof, newest first."""

    list_display = ("business_date", "outcome", "checks", "violations", "recorded_at")
    fields = (("business_date", "recorded_at"), ("outcome", "checks", "violations"), "what")
    readonly_fields = ("outcome", "what")

    @display(description=_("outcome"))
    def outcome(self, proof: LedgerProof) -> SafeString:
        return state(gettext("clean"), "good") if proof.is_clean else state(proof.broken, "bad")

    @display(description=_("what is broken"))
    def what(self, proof: LedgerProof) -> SafeString | None:
        statements = {check.id: str(check.statement) for check in configured_checks()}
        return (
            format_html_join(
                "", "<div>{}</div>", ([_finding(f, statements)] for f in proof.findings)
            )
            or None
        )


def _finding(finding: dict[str, object], statements: dict[str, str]) -> SafeString:
    rows = finding["sample"]
    assert isinstance(rows, list)
    name = str(finding["id"])
    count = finding["violations"]
    assert isinstance(count, int)
    return format_html(
        "<strong>{} · {}</strong><p>{}</p><ul>{}</ul>",
        name,
        format_number(count),
        statements.get(name, ""),
        format_html_join("", "<li>{}</li>", ([_row(row)] for row in rows)),
    )


def _row(row: dict[str, object]) -> str:
    text = gettext(
        "%(subject)s %(id)s (account %(account)s): %(what)s: %(found)s, not %(expected)s"
    )
    return text % (row | {"account": "–" if row["account"] is None else row["account"]})
