"""What a tier brings: its own benefits and those that it inherits from the tiers below."""

from collections.abc import Mapping, Sequence

from loyalty.models import Tier, TierBenefit


def benefits_of(tier: Tier) -> list[TierBenefit]:
    """A tier's benefits, the highest tier's own first, in as many queries for any ladder."""
    return list(benefits_by_tier().get(tier.pk, ()))


def benefits_by_tier() -> Mapping[int, Sequence[TierBenefit]]:
    """The benefits of every tier, by its id.

    A tier inherits what the one below it has, but for benefits that are not inherited, that it
    switches off (which holds for those above it too), and of which it has its own of a kind that
    there is one of.
    """
    tiers = Tier.objects.by_rank().prefetch_related("benefits", "switched_off")
    found: dict[int, Sequence[TierBenefit]] = {}
    below: Sequence[TierBenefit] = ()
    for tier in tiers:
        own = list(tier.benefits.all())
        below = [*own, *_inherited(tier, own, below)]
        found[tier.pk] = below
    return found


def _inherited(
    tier: Tier, own: Sequence[TierBenefit], below: Sequence[TierBenefit]
) -> list[TierBenefit]:
    off = {benefit.pk for benefit in tier.switched_off.all()}
    replaced = {benefit.kind for benefit in own if benefit.kind in TierBenefit.ONE_OF_A_KIND}
    return [
        benefit
        for benefit in below
        if benefit.is_inherited and benefit.pk not in off and benefit.kind not in replaced
    ]
