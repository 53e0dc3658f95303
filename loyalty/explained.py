"""A dry run in words: what each rule gives, what was capped, and why the others gave nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.models import in_active_language
from common.numbers import format_number
from loyalty import rules
from loyalty.models import EarningRule, PointType, Purchase, Tier
from loyalty.reasons import Facts, reason_text
from loyalty.sentences import rule_sentence
from loyalty.services.dry_run import DryRun


@dataclass(frozen=True)
class ToldStep:
    """What one rule adds, or the tier: exactly, in whole points, and after its caps."""

    name: str
    rule: EarningRule | None
    sentence: str
    factor: str
    exact: str
    points: int
    granted: int

    @property
    def is_capped(self) -> bool:
        return self.granted != self.points


@dataclass(frozen=True)
class ToldUnmet:
    """A rule that gives nothing, and why not."""

    rule: EarningRule
    sentence: str
    reasons: list[str]


@dataclass(frozen=True)
class ToldRun:
    """One kind of points: the total and how it comes about."""

    kind: PointType
    points: int
    steps: list[ToldStep]
    unmet: list[ToldUnmet]


def told_runs(runs: Sequence[DryRun], purchase: Purchase) -> list[ToldRun]:
    """Dry runs of a purchase, one for each kind of points, as a page tells them."""
    known = {rule.code: rule for rule in EarningRule.objects.filter(is_current=True).with_words()}
    tiers = {tier.pk: tier for tier in Tier.objects.by_rank()}
    return [_told(run, purchase, known, tiers) for run in runs]


def _told(
    run: DryRun,
    purchase: Purchase,
    known: Mapping[str, EarningRule],
    tiers: Mapping[int, Tier],
) -> ToldRun:
    tier = tiers.get(run.occasion.tier) if run.occasion.tier else None
    facts = Facts(occasion=run.occasion, purchase=purchase, tier=tier)
    return ToldRun(
        kind=run.kind,
        points=run.earning.points,
        steps=[_told_step(step, known, tier) for step in run.earning.steps],
        unmet=[_told_unmet(unmet, known[unmet.terms.code], facts) for unmet in run.unmet],
    )


def _told_step(step: rules.Step, known: Mapping[str, EarningRule], tier: Tier | None) -> ToldStep:
    boost = step.terms.boost
    rule = None if boost or step.is_tier else known[step.terms.code]
    own = in_active_language(boost.name_en, boost.name_zh) if boost else ""
    factor = step.terms.factor
    return ToldStep(
        name=rule.name if rule else own or str(tier or step.terms.code),
        rule=rule,
        sentence=rule_sentence(rule) if rule else "",
        factor="" if factor is None else format_number(factor.normalize()),
        exact=rules.decimal_text(step.exact),
        points=step.points,
        granted=step.granted,
    )


def _told_unmet(unmet: rules.Unmet, rule: EarningRule, facts: Facts) -> ToldUnmet:
    return ToldUnmet(
        rule=rule,
        sentence=rule_sentence(rule),
        reasons=[reason_text(name, rule, facts) for name in unmet.reasons],
    )
