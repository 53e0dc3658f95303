"""How the portal writes card numbers."""

from django import template

register = template.Library()

GROUP = 4


@register.filter
def card_groups(card_number: str) -> str:
    """A card number as people read it aloud: in groups of four."""
    starts = range(0, len(card_number), GROUP)
    return " ".join(card_number[start : start + GROUP] for start in starts)
