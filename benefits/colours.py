"""From a tier's one colour to the colours of its card: readable whatever the operator chose.

Contrast is WCAG 2's ratio. Text on a card has at least 4.5 everywhere on the gradient, a tier's
name in its colour at least 4.5 on every ground of a page; a progress bar has at least 3 against
its track. All of it in light and in dark.
"""

from collections.abc import Iterable
from dataclasses import dataclass

Rgb = tuple[int, int, int]

WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
INK: Rgb = (26, 22, 18)
TRACK_LIGHT: Rgb = (239, 235, 228)
TRACK_DARK: Rgb = (40, 37, 33)

READABLE_TEXT = 4.5
READABLE_SHAPE = 3.0
# The sheen across the card's face is this much white at its brightest (static/css/card.css).
SHEEN = 0.1
# White on a mid tone looks more like a card than black on it, and deepening makes it readable.
WHITE_PREFERRED_FROM = 3.0


@dataclass(frozen=True)
class CardColours:
    """The gradient of a card, the ink on it, the bar towards the tier, and the tier's name."""

    light: str
    base: str
    deep: str
    ink: str
    bar_on_light: str
    bar_on_dark: str
    text_on_light: str
    text_on_dark: str

    @property
    def least_contrast(self) -> float:
        """The lowest ratio of text on the card, lit by the sheen or not."""
        shades = [_parse(shade) for shade in (self.light, self.base, self.deep)]
        lit = [mix(shade, WHITE, SHEEN) for shade in shades]
        return min(contrast(shade, _parse(self.ink)) for shade in shades + lit)


def card_colours(colour: str) -> CardColours:
    """All colours of a tier's card from one like `#c0a062`."""
    chosen = _parse(colour)
    ink = WHITE if contrast(WHITE, chosen) >= WHITE_PREFERRED_FROM else INK
    gradient = (mix(chosen, WHITE, 0.2), chosen, mix(chosen, BLACK, 0.3))
    light, base, deep = (
        readable(shade, on=ink, ratio=READABLE_TEXT, sheen=SHEEN) for shade in gradient
    )
    return CardColours(
        light=_text(light),
        base=_text(base),
        deep=_text(deep),
        ink=_text(ink),
        bar_on_light=_text(readable(chosen, on=TRACK_LIGHT, ratio=READABLE_SHAPE)),
        bar_on_dark=_text(readable(chosen, on=TRACK_DARK, ratio=READABLE_SHAPE)),
        text_on_light=_text(readable(chosen, on=TRACK_LIGHT, ratio=READABLE_TEXT)),
        text_on_dark=_text(readable(chosen, on=TRACK_DARK, ratio=READABLE_TEXT)),
    )


def stylesheet(tiers: Iterable[tuple[str, str]]) -> str:
    """One class per tier, `.tier-<code>`, from its code (a slug) and its colour."""
    return "".join(_rule(code, card_colours(colour)) for code, colour in tiers)


def _rule(code: str, colours: CardColours) -> str:
    return (
        f".tier-{code}{{--tier-light:{colours.light};--tier-base:{colours.base};"
        f"--tier-deep:{colours.deep};--tier-ink:{colours.ink};"
        f"--tier-bar:light-dark({colours.bar_on_light},{colours.bar_on_dark});"
        f"--tier-text:light-dark({colours.text_on_light},{colours.text_on_dark})}}\n"
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG's contrast ratio, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: Rgb, other: Rgb, share: float) -> Rgb:
    """`share` of the other colour and the rest of this one."""
    red, green, blue = (
        round(here + (there - here) * share) for here, there in zip(colour, other, strict=True)
    )
    return red, green, blue


def readable(colour: Rgb, *, on: Rgb, ratio: float, sheen: float = 0.0) -> Rgb:
    """The colour, moved away from what it is seen with just far enough to be told apart.

    With a sheen over it, the lit colour must be told apart too.
    """
    away = BLACK if _luminance(on) > _luminance(TRACK_DARK) * 4 else WHITE
    for step in range(51):
        moved = mix(colour, away, step / 50)
        lit = mix(moved, WHITE, sheen)
        if min(contrast(moved, on), contrast(lit, on)) >= ratio:
            return moved
    return away


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _parse(colour: str) -> Rgb:
    digits = colour.removeprefix("#")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _text(colour: Rgb) -> str:
    red, green, blue = colour
    return f"#{red:02x}{green:02x}{blue:02x}"
