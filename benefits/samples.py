"""What the style guide shows: the tokens of the stylesheet, every tier, and a sample of each part.

The samples are made in memory, by the classes that pages are made of; nothing is written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

from django import forms
from django.contrib.staticfiles import finders
from django.utils.translation import gettext_lazy as _

from benefits.agenda import ShownEvent, ShownSession
from benefits.catalogue import ShownReward
from benefits.colours import CardColours, card_colours
from benefits.errors import RewardPointsMissing
from benefits.errors.events import EventNotOpen
from benefits.home import Progress
from benefits.models import Coupon, CouponTemplate, Event, EventSession, Reward
from benefits.rules.rewards import Price
from benefits.wallet import Offer, WalletCoupon
from common import clock
from loyalty import rules
from loyalty.models import PointsEntry, Tier
from members.models import Member

TOKENS = "css/tokens.css"
TOKEN = re.compile(r"^ {4}--([a-z0-9-]+): (.+?);$", re.MULTILINE | re.DOTALL)
COLOUR = re.compile(r"light-dark|^#")
DAYS_TO_RUN = 200


@dataclass(frozen=True)
class Token:
    """A name of tokens.css and what it stands for."""

    name: str
    value: str

    @property
    def sort(self) -> str:
        """colour, text, space, radius or other."""
        if COLOUR.search(self.value) and not self.name.startswith("tier"):
            return "colour"
        first = self.name.partition("-")[0]
        return first if first in ("text", "space", "radius") else "other"


@dataclass(frozen=True)
class ShownTier:
    """A tier's card, its colours, and what a member on it would see on the way up."""

    progress: Progress
    colours: CardColours

    @property
    def least_contrast(self) -> Decimal:
        """To the tenth, rounded down."""
        return Decimal(int(self.colours.least_contrast * 10)) / 10


class SampleForm(forms.Form):
    """One field of each sort, for the style guide."""

    reason = forms.CharField(label=_("Reason"), help_text=_("A word about it."))
    code = forms.CharField(label=_("Code"), min_length=6)
    kind = forms.ChoiceField(label=_("kind"), choices=Reward.Kind.choices)
    note = forms.CharField(label=_("Card numbers"), widget=forms.Textarea(attrs={"rows": 2}))
    is_combined = forms.BooleanField(label=_("can be combined with others"))


@dataclass(frozen=True)
class Samples:
    """Everything that one column of the guide shows; `scheme` is light or dark."""

    scheme: str
    member: Member
    tiers: Sequence[ShownTier]
    coupons: Sequence[WalletCoupon]
    offers: Sequence[Offer]
    rewards: Sequence[ShownReward]
    events: Sequence[ShownEvent]
    entries: Sequence[PointsEntry]
    goals: Sequence[rules.Missing]
    form: SampleForm


def tokens() -> list[Token]:
    """The tokens as the stylesheet has them now, each once."""
    found = finders.find(TOKENS)
    text = Path(str(found)).read_text(encoding="utf-8")
    named = {name: " ".join(value.split()) for name, value in reversed(TOKEN.findall(text))}
    return [Token(name, value) for name, value in reversed(named.items())]


def samples(scheme: str, at: datetime) -> Samples:
    """The parts of pages with figures that were thought out; the tiers are the programme's."""
    return Samples(
        scheme=scheme,
        member=_member(),
        tiers=_tiers(clock.business_date(at)),
        coupons=_coupons(at),
        offers=_offers(at),
        rewards=_rewards(),
        events=_events(at),
        entries=_entries(clock.business_date(at)),
        goals=[
            rules.Missing("spend", Decimal("12335.40"), Decimal(20000)),
            rules.Missing("orders", 3, 12),
        ],
        form=SampleForm({f"{scheme}-code": "X7"}, prefix=scheme),
    )


def _member() -> Member:
    return Member(family_name="林", given_name="晓雯", card_number="6228480402564890")


def _tiers(today: date) -> list[ShownTier]:
    tiers = list(Tier.objects.by_rank())
    through = today + timedelta(days=DAYS_TO_RUN)
    return [
        ShownTier(
            progress=Progress(tier=tier, valid_through=through, next_tier=next_tier, goals=[]),
            colours=card_colours(tier.colour),
        )
        for tier, next_tier in zip_longest(tiers, tiers[1:])
    ]


def _coupons(at: datetime) -> list[WalletCoupon]:
    words = {"name_en": "Spring tea", "name_zh": "春茶季满减", "kind": Coupon.Kind.AMOUNT}
    terms = {**words, "amount": Decimal(20), "minimum_spend": Decimal(199), "valid_from": at}
    ends = (at + timedelta(days=60), at + timedelta(days=3), at - timedelta(days=3))
    return [WalletCoupon(Coupon(pk=0, **terms, expires_at=end), at) for end in ends]


def _offers(at: datetime) -> list[Offer]:
    words = {"name_en": "A fifth off", "name_zh": "八折券", "kind": CouponTemplate.Kind.PERCENT}
    template = CouponTemplate(pk=0, **words, percent=Decimal(20), stock=40, issued=12)
    later = at + timedelta(days=1)
    return [
        Offer(template=template, refusal=None, opens_at=None, key="sample"),
        Offer(template=template, refusal=None, opens_at=later, key="sample"),
    ]


def _rewards() -> list[ShownReward]:
    mug = Reward(pk=0, kind=Reward.Kind.GOODS, name_en="Stoneware mug", name_zh="粗陶杯", stock=12)
    kettle = Reward(pk=0, kind=Reward.Kind.GOODS, name_en="Cast-iron kettle", name_zh="铸铁壶")
    short = RewardPointsMissing(missing="5,826")
    return [
        ShownReward(mug, Price(400, 500, Decimal("9.90")), 3174, None, None, "sample"),
        ShownReward(kettle, Price(9000, 9000), 3174, short, None, "sample"),
    ]


def _events(at: datetime) -> list[ShownEvent]:
    """One to register for, and one that opens later."""
    words = {"name_en": "Spring tea tasting", "name_zh": "春茶品鉴会"}
    theme = {"theme_en": "Tea", "theme_zh": "茶", "place_en": "Jing'an store", "place_zh": "静安店"}
    event = Event(pk=0, **words, **theme, points=300)
    starts_at = clock.start_of(clock.business_date(at)) + timedelta(days=9, hours=14)
    hours = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
    session = EventSession(pk=0, event=event, capacity=12, taken=8, **hours)
    later = at + timedelta(days=2)
    sessions = [
        ShownSession(session, None, None),
        ShownSession(session, EventNotOpen(opens_at=later), later),
    ]
    return [ShownEvent(event, [shown], place=None, spendable=3174) for shown in sessions]


def _entries(today: date) -> list[PointsEntry]:
    kinds = {"earn": 335, "redeem": -500, "restore": 500, "clawback": -118, "expire": -60}
    return [
        PointsEntry(kind=kind, points=points, business_date=today - timedelta(days=days))
        for days, (kind, points) in enumerate(kinds.items())
    ]
