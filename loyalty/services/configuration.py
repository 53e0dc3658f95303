"""The programme's rules, changed by operators."""

from decimal import Decimal

from django.db import transaction

from loyalty.errors import RuleRevisedMeanwhile
from loyalty.models import SCOPES, EarningRule, PointType, RuleScope


@transaction.atomic
def revise_rule(
    *,
    rule: EarningRule,
    name_en: str,
    name_zh: str,
    point_type: PointType,
    points: int,
    per_amount: Decimal,
) -> EarningRule:
    """Put a new version of a rule in force; the old one stays for the entries that name it.

    `points` for every `per_amount` paid, for purchases from now on; conditions and caps stay as
    they are. The same revision sent twice is one version. Refused: a rule that someone else has
    revised since it was read.
    """
    EarningRule.objects.select_for_update().get(pk=rule.pk)
    newest = EarningRule.objects.newest_version(rule.code)
    wish = _next_version(rule)
    wish.name_en, wish.name_zh = name_en, name_zh
    wish.point_type, wish.points, wish.per_amount = point_type, points, per_amount
    if newest.version == wish.version and newest.says_the_same_as(wish):
        return newest
    if newest.pk != rule.pk:
        raise RuleRevisedMeanwhile(version=newest.version)
    _retire(newest)
    wish.save(force_insert=True)
    RuleScope.objects.bulk_create(_copied_scopes(rule, wish))
    return wish


def _next_version(rule: EarningRule) -> EarningRule:
    """A copy with the next number, not yet written."""
    copied = {name: getattr(rule, name) for name in EarningRule.WORDING}
    return EarningRule(code=rule.code, version=rule.version + 1, **copied)


def _copied_scopes(rule: EarningRule, wish: EarningRule) -> list[RuleScope]:
    return [
        RuleScope(rule=wish, **{f"{sort}_id": getattr(scope, f"{sort}_id") for sort in SCOPES})
        for scope in rule.scopes.all()
    ]


@transaction.atomic
def retire_rule(*, rule: EarningRule) -> EarningRule:
    """Take a rule out of force: purchases from now on earn nothing by it.

    Doing it again changes nothing. Refused: a rule that someone else has revised since it was read.
    """
    EarningRule.objects.select_for_update().get(pk=rule.pk)
    newest = EarningRule.objects.newest_version(rule.code)
    if newest.pk != rule.pk:
        raise RuleRevisedMeanwhile(version=newest.version)
    _retire(newest)
    return newest


def _retire(rule: EarningRule) -> None:
    rule.is_current = False
    rule.save(update_fields=["is_current"])
