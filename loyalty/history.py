"""The points history: ledger lines with the answer to "why" beside each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from common import clock
from common.models import in_active_language
from loyalty.models import EarningRule, LotAllocation, PointsEntry, Tier
from members.models import Member

PAGE_SIZE = 20
Kind = PointsEntry.Kind


class Show(TextChoices):
    """What a member may leave of the history: everything, or lines of one sort."""

    ALL = "", pgettext_lazy("points", "All")
    EARNED = "earned", pgettext_lazy("points", "Earned")
    USED = "used", pgettext_lazy("points", "Used")
    EXPIRED = "expired", pgettext_lazy("points", "Expired")
    CORRECTED = "corrected", pgettext_lazy("points", "Corrected")


# Points that came back after they were used belong to their use, those taken back to corrections.
SHOWN_KINDS = {
    Show.EARNED: (Kind.EARN,),
    Show.USED: (Kind.REDEEM, Kind.RESTORE),
    Show.EXPIRED: (Kind.EXPIRE,),
    Show.CORRECTED: (Kind.ADJUST, Kind.CLAWBACK),
}


@dataclass(frozen=True)
class RuleStep:
    """What one version of a rule gave, or a multiplier added, before the one rounding at the end.

    A multiplier has a factor; what has neither an amount nor a factor gives its points once.
    `granted` is what was left of it by a cap.
    """

    name: str
    version: int | None
    points: int
    per_amount: Decimal | None
    factor: Decimal | None
    gives: Decimal
    granted: int | None


@dataclass(frozen=True)
class RefundedShare:
    """Why a refund took points back: what the purchase had earned, paid and given back so far."""

    earned: int
    paid: Decimal
    refunded: Decimal
    already: int


@dataclass(frozen=True)
class PaidPart:
    """What redeemed points paid of a purchase, at how many points for 1.00."""

    worth: Decimal
    purchase: Decimal
    points_per_money: int


@dataclass(frozen=True)
class UsedShare:
    """Why a refund gave points back: what the purchase had used, paid and refunded so far."""

    used: int
    paid: Decimal
    refunded: Decimal
    already: int


@dataclass(frozen=True)
class HistoryLine:
    """One ledger entry as a member reads it; `month` is set where a new month begins."""

    entry: PointsEntry
    month: date | None
    steps: list[RuleStep]
    share: RefundedShare | None
    paid_part: PaidPart | None
    used_share: UsedShare | None
    takes: list[LotAllocation]
    gives: list[LotAllocation]

    @property
    def spendable_on(self) -> date:
        """The business date from which the entry's lot can be spent."""
        return clock.business_date(self.entry.lot.available_at)

    @property
    def paid_to_debt(self) -> int:
        return max(0, -self.entry.debt_change)

    @property
    def became_debt(self) -> int:
        return max(0, self.entry.debt_change)


@dataclass(frozen=True)
class HistoryPage:
    """Twenty lines, newest first, and where they stand among all that the filter leaves."""

    lines: list[HistoryLine]
    page: Page[PointsEntry]
    show: Show

    @property
    def shows(self) -> list[Show]:
        return list(Show)

    @property
    def is_filtered(self) -> bool:
        return self.show != Show.ALL


def history_page(
    member: Member,
    code: str,
    number: str | None,
    *,
    show: Show = Show.ALL,
    is_continued: bool = False,
) -> HistoryPage:
    """A page of the history of one kind of points, newest first; of one sort of lines if asked.

    A number that is no page gives the first or the last one. A continued page follows the one
    before it on the same screen, so its first line repeats no month that stands there already.
    """
    entries = PointsEntry.objects.for_member(member).of_type(code)
    if show in SHOWN_KINDS:
        entries = entries.of_kinds(SHOWN_KINDS[show])
    entries = entries.prefetch_related("allocations__lot", "refund__purchase", "reverses")
    page = Paginator(entries, PAGE_SIZE).get_page(number)
    before = None
    if is_continued and page.has_previous():
        before = entries[page.start_index() - 2].business_date.replace(day=1)
    return HistoryPage(lines=_lines(page.object_list, before), page=page, show=show)


def latest_entries(member: Member, code: str, count: int) -> list[PointsEntry]:
    """The member's newest entries of a kind of points, for a glance."""
    return list(PointsEntry.objects.for_member(member).of_type(code).at_a_glance()[:count])


def _lines(entries: Iterable[PointsEntry], month: date | None) -> list[HistoryLine]:
    names = {(rule.code, rule.version): rule.name for rule in EarningRule.objects.all()}
    entries = list(entries)
    is_multiplied = any("multipliers" in entry.breakdown for entry in entries)
    tiers = {tier.code: tier.name for tier in Tier.objects.all()} if is_multiplied else {}
    lines = []
    for entry in entries:
        begins = entry.business_date.replace(day=1)
        allocations = list(entry.allocations.all())
        lines.append(
            HistoryLine(
                entry=entry,
                month=begins if begins != month else None,
                steps=_steps(entry.breakdown, names, tiers),
                share=_share(entry.breakdown),
                paid_part=_paid_part(entry.breakdown),
                used_share=_used_share(entry.breakdown),
                takes=[allocation for allocation in allocations if allocation.points < 0],
                gives=[allocation for allocation in allocations if allocation.points > 0],
            )
        )
        month = begins
    return lines


def _steps(
    breakdown: Mapping[str, Any],
    rules: Mapping[tuple[str, int], str],
    tiers: Mapping[str, str],
) -> list[RuleStep]:
    lines = [*breakdown.get("rules", []), *breakdown.get("multipliers", [])]
    return [_step(line, rules, tiers) for line in lines]


def _step(
    line: Mapping[str, Any],
    rules: Mapping[tuple[str, int], str],
    tiers: Mapping[str, str],
) -> RuleStep:
    if "tier" in line:
        name = tiers.get(line["tier"], line["tier"])
    elif "boost" in line:
        name = in_active_language(line["name_en"], line["name_zh"])
    else:
        name = rules.get((line["rule"], line["version"]), line["rule"])
    return RuleStep(
        name=name,
        version=line.get("version"),
        points=line.get("points", 0),
        per_amount=Decimal(line["per_amount"]) if line.get("per_amount") else None,
        factor=Decimal(line["factor"]) if "factor" in line else None,
        gives=Decimal(line["gives"]),
        granted=line.get("granted"),
    )


def _share(breakdown: Mapping[str, Any]) -> RefundedShare | None:
    if "earned" not in breakdown:
        return None
    return RefundedShare(
        earned=breakdown["earned"],
        paid=Decimal(breakdown["paid"]),
        refunded=Decimal(breakdown["refunded"]),
        already=breakdown["already"],
    )


def _paid_part(breakdown: Mapping[str, Any]) -> PaidPart | None:
    if "worth" not in breakdown:
        return None
    return PaidPart(
        worth=Decimal(breakdown["worth"]),
        purchase=Decimal(breakdown["purchase"]),
        points_per_money=breakdown["points_per_money"],
    )


def _used_share(breakdown: Mapping[str, Any]) -> UsedShare | None:
    if "used" not in breakdown:
        return None
    return UsedShare(
        used=breakdown["used"],
        paid=Decimal(breakdown["paid"]),
        refunded=Decimal(breakdown["refunded"]),
        already=breakdown["already"],
    )
