"""What the caps and budgets of rules still allow, counted under the member's lock."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import F, Q

from loyalty import rules
from loyalty.models import EarningRule, PointsEntry, RuleCounter
from members.models import Member

BUDGET = "budget"


def window_of(cap: str, day: date) -> str:
    """The window that a cap counts in on a business date."""
    return {"day": f"day:{day:%Y-%m-%d}", "month": f"month:{day:%Y-%m}"}.get(cap, cap)


def caps_left(
    terms: Iterable[rules.Terms], member: Member, day: date, *, is_locked: bool = True
) -> dict[tuple[str, str], int]:
    """What each cap that is set still allows, by rule code and cap.

    Locked, budgets are held until the transaction ends, in a fixed order: what is read here can be
    used. The member's own counters are guarded by the member's accounts.
    """
    capped = {found.code: found.caps for found in terms if found.caps}
    if not capped:
        return {}
    if is_locked:
        _open_budgets(code for code, caps in capped.items() if BUDGET in caps)
    counters = RuleCounter.objects.filter(Q(member=member) | Q(member=None), rule_code__in=capped)
    if is_locked:
        counters = counters.select_for_update()
    used = {
        (counter.rule_code, counter.window): counter.used for counter in counters.order_by("id")
    }
    return {
        (code, cap): max(0, most - used.get((code, window_of(cap, day)), 0))
        for code, caps in capped.items()
        for cap, most in caps.items()
    }


def use_caps(steps: Iterable[rules.Step], member: Member, day: date) -> None:
    """Count what was granted; a budget moves by conditional update and is never overdrawn."""
    for step in steps:
        if step.counted <= 0:
            continue
        for cap, most in step.terms.caps.items():
            owner = None if cap == BUDGET else member
            key = {"rule_code": step.terms.code, "member": owner, "window": window_of(cap, day)}
            RuleCounter.objects.bulk_create([RuleCounter(**key)], ignore_conflicts=True)
            moved = RuleCounter.objects.filter(**key, used__lte=most - step.counted).update(
                used=F("used") + step.counted
            )
            if not moved:
                raise RuntimeError(f"The cap {cap} of {step.terms.code} moved while it was held.")


def free_caps(earned: PointsEntry, *, before: int, after: int, day: date) -> None:
    """Give back to the caps of the purchase's day what a refund takes back.

    `before` and `after` are the points clawed back of the entry in all, without and with this
    refund; each rule's share is the difference of floors, so that a full refund frees everything.
    Only the caps of the version that gave the points are freed: others have not counted them.
    """
    lines = counted_lines(earned.breakdown)
    counted = _caps_of_versions({line["rule"] for line in lines})
    for line in lines:
        share = line["counted"] * after // earned.points - line["counted"] * before // earned.points
        if share <= 0:
            continue
        windows = [window_of(cap, day) for cap in counted[line["rule"], line["version"]]]
        RuleCounter.objects.filter(
            Q(member=earned.account.member_id) | Q(member=None),
            rule_code=line["rule"],
            window__in=windows,
            used__gte=share,
        ).update(used=F("used") - share)


def counted_lines(breakdown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of a breakdown that counted towards a cap."""
    lines = [*breakdown.get("rules", []), *breakdown.get("multipliers", [])]
    return [line for line in lines if "counted" in line]


def _caps_of_versions(codes: Collection[str]) -> dict[tuple[str, int], list[str]]:
    """The names of the caps that each version of some rules sets."""
    if not codes:
        return {}
    versions = EarningRule.objects.filter(code__in=codes)
    return {(rule.code, rule.version): list(rule.caps()) for rule in versions}


def _open_budgets(codes: Iterable[str]) -> None:
    RuleCounter.objects.bulk_create(
        [RuleCounter(rule_code=code, window=BUDGET) for code in codes], ignore_conflicts=True
    )
