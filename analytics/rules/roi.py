"""What a benefit brought for what it cost."""

from decimal import Decimal

# Below it the benefit hardly pays, above it there is room for more; none at exactly either.
LOW, HIGH = 10, 25
WEAK, STRONG, NONE = "weak", "strong", "none"


def return_on(*, incremental: Decimal, cost: Decimal) -> Decimal | None:
    """(incremental revenue − cost) / cost; None where nothing was spent."""
    return (incremental - cost) / cost if cost > 0 else None


def advice_on(roi: Decimal | None) -> str:
    """Whether to look again at the benefit, to give more of it, or neither."""
    if roi is None or LOW <= roi <= HIGH:
        return NONE
    return WEAK if roi < LOW else STRONG
