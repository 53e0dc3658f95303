"""Ready programmes: what `load_preset` writes, as plain data.

Amounts are in the programme's currency, whatever it is. `docs/presets.md` tells what each is for
and which of its numbers come from where.
"""

from collections.abc import Mapping

from .classic import CLASSIC
from .demo import DEMO
from .experience import EXPERIENCE, EXPERIENCE_UPGRADE
from .parts import (
    CategoryPreset,
    KindPreset,
    LadderPreset,
    Preset,
    RulePreset,
    SpendingPreset,
    TierPreset,
)
from .plain import PLAIN
from .private_domain import PRIVATE
from .shop import SHOP
from .super_member import SUPER

PRESETS: Mapping[str, Preset] = {
    "plain": PLAIN,
    "super": SUPER,
    "private": PRIVATE,
    "experience": EXPERIENCE,
    "experience-upgrade": EXPERIENCE_UPGRADE,
    "shop": SHOP,
    "classic": CLASSIC,
    "demo": DEMO,
}

__all__ = [
    "PRESETS",
    "CategoryPreset",
    "KindPreset",
    "LadderPreset",
    "Preset",
    "RulePreset",
    "SpendingPreset",
    "TierPreset",
]
