"""The programme's rules, changed by operators."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, models, transaction

from common.integrity import broken_constraint
from loyalty import rules
from loyalty.errors import NotAnActivity, RuleCodeTaken, RuleRevisedMeanwhile, WeekdayUnknown
from loyalty.models import (
    SCOPES,
    Channel,
    EarningRule,
    Partner,
    PointType,
    ProductCategory,
    RuleScope,
    Tier,
    Trigger,
)
from members.models import Segment, Store, User

from .programme import terms_of

# What a rule is limited to, by the name that its wording gives it.
SCOPE_NAMES = {
    "tiers": "tier",
    "segments": "segment",
    "stores": "store",
    "channels": "channel",
    "partners": "partner",
    "categories": "category",
}

# Whoever loses a race for a new code runs into one of these.
RACED = ("rule_version_once", "rule_one_current_version")


class Wording(TypedDict, total=False):
    """What an operator writes of a rule. What is left out stays as it is, or is not asked for."""

    name_en: str
    name_zh: str
    point_type: PointType
    trigger: str
    points: int
    per_amount: Decimal | None
    factor: Decimal | None
    group: str
    priority: int
    minimum_spend: Decimal | None
    weekdays: list[int]
    hour_from: time | None
    hour_to: time | None
    starts_on: date | None
    ends_on: date | None
    member_from: str
    member_until: str
    streak_every: int | None
    cap_day: int | None
    cap_month: int | None
    cap_ever: int | None
    budget: int | None
    tiers: Collection[Tier]
    segments: Collection[Segment]
    stores: Collection[Store]
    channels: Collection[Channel]
    partners: Collection[Partner]
    categories: Collection[ProductCategory]


@transaction.atomic
def create_rule(
    *, code: str, operator: User | None = None, **wording: Unpack[Wording]
) -> EarningRule:
    """Put a rule in force that is new to the programme.

    The same rule sent twice is one rule. Refused: a code that another rule has, and whatever
    contradicts itself.
    """
    wish, scopes = draft_rule(code=code, **wording)
    if known := EarningRule.objects.versions(code).first():
        return _same_rule(known, wish, scopes)
    wish.written_by = operator
    try:
        with transaction.atomic():
            _write(wish, scopes)
    except IntegrityError as error:
        if broken_constraint(error, EarningRule) not in RACED:
            raise
        return _same_rule(EarningRule.objects.newest_version(code), wish, scopes)
    return wish


@transaction.atomic
def revise_rule(
    *, rule: EarningRule, operator: User | None = None, **wording: Unpack[Wording]
) -> EarningRule:
    """Put a new version of a rule in force; the old one stays for the entries that name it.

    It counts for what happens from now on; what the wording leaves out stays as it is. The same
    revision sent twice is one version. Refused: a rule that someone else has revised since it was
    read, and whatever contradicts itself.
    """
    EarningRule.objects.select_for_update().get(pk=rule.pk)
    newest = EarningRule.objects.newest_version(rule.code)
    wish, scopes = draft_rule(rule=rule, **wording)
    if newest.version == wish.version and says_the_same(newest, wish, scopes):
        return newest
    if newest.pk != rule.pk:
        raise RuleRevisedMeanwhile(version=newest.version)
    _retire(newest)
    wish.written_by = operator
    _write(wish, scopes)
    return wish


@transaction.atomic
def retire_rule(*, rule: EarningRule) -> EarningRule:
    """Take a rule out of force: what happens from now on earns nothing by it.

    Doing it again changes nothing. Refused: a rule that someone else has revised since it was read.
    """
    EarningRule.objects.select_for_update().get(pk=rule.pk)
    newest = EarningRule.objects.newest_version(rule.code)
    if newest.pk != rule.pk:
        raise RuleRevisedMeanwhile(version=newest.version)
    _retire(newest)
    return newest


def draft_rule(
    *, code: str = "", rule: EarningRule | None = None, **wording: Unpack[Wording]
) -> tuple[EarningRule, list[RuleScope]]:
    """A new rule, or the next version of one, with its scopes; checked and not written.

    Refused: whatever contradicts itself.
    """
    written: Mapping[str, Any] = wording
    wish = _next_version(rule) if rule else EarningRule(code=code)
    scopes = _scopes(wish, rule, written)
    for name, value in written.items():
        if name not in SCOPE_NAMES:
            setattr(wish, name, value)
    if wish.trigger not in Trigger:
        raise NotAnActivity(kind=wish.trigger)
    wish.weekdays = _weekdays(wish.weekdays)
    rules.check_rule(terms_of(wish, scopes))
    return wish, scopes


def says_the_same(rule: EarningRule, wish: EarningRule, scopes: Sequence[RuleScope]) -> bool:
    """Whether a rule that is written reads and gives the same as one that is not yet."""
    held = {_thing(scope) for scope in rule.scopes.all()}
    return rule.says_the_same_as(wish) and held == {_thing(scope) for scope in scopes}


def _same_rule(known: EarningRule, wish: EarningRule, scopes: Sequence[RuleScope]) -> EarningRule:
    if known.version != 1 or not says_the_same(known, wish, scopes):
        raise RuleCodeTaken(rule=wish.code)
    return known


def _next_version(rule: EarningRule) -> EarningRule:
    """A copy with the next number, not yet written."""
    copied = {name: getattr(rule, name) for name in EarningRule.WORDING}
    return EarningRule(code=rule.code, version=rule.version + 1, **copied)


def _weekdays(days: Any) -> list[int]:
    """Days of the week in their order; refused where they are none, or named twice."""
    known = [day for day in days if type(day) is int]
    if len(known) != len(days) or len(set(known)) != len(known):
        raise WeekdayUnknown()
    return sorted(known)


def _scopes(
    wish: EarningRule, rule: EarningRule | None, written: Mapping[str, Any]
) -> list[RuleScope]:
    """What the wording limits the rule to; of the sorts that it leaves out, what it was before."""
    before = list(rule.scopes.select_related(*SCOPES).order_by("pk")) if rule else []
    made: list[RuleScope] = []
    for name, sort in SCOPE_NAMES.items():
        things: list[models.Model]
        if name in written:
            things = list(written[name])
        else:
            things = [found for scope in before if (found := getattr(scope, sort)) is not None]
        made.extend(RuleScope(rule=wish, **{sort: thing}) for thing in things)
    return made


def _thing(scope: RuleScope) -> tuple[int | None, ...]:
    return tuple(getattr(scope, f"{sort}_id") for sort in SCOPES)


def _write(wish: EarningRule, scopes: list[RuleScope]) -> None:
    wish.save(force_insert=True)
    for scope in scopes:
        scope.rule = wish
    RuleScope.objects.bulk_create(scopes)


def _retire(rule: EarningRule) -> None:
    rule.is_current = False
    rule.save(update_fields=["is_current"])
