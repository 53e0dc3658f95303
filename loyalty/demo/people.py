"""Who shops there: stores, and members with what a till asks them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .names import FAMILY_NAMES, FOREIGN_NAMES, OLDER_GIVEN_NAMES, YOUNGER_GIVEN_NAMES

# Prefixes of the four networks. The four zeros behind them say that a number is made up.
PHONE_PREFIXES = ("136", "138", "139", "150", "158", "159", "177", "182", "186", "189", "199")
MAIL_DOMAINS = ("example.com", "example.net", "example.org")
# Who was born before it bears a name of the older fashion.
LAST_OLDER_YEAR = 1984
# The part of the members who joined in the month of the opening; the others came evenly.
LAUNCH_SHARE = 0.15
LAUNCH = timedelta(days=30)


@dataclass(frozen=True)
class Shop:
    """A store, and how many of the members call it theirs."""

    code: str
    name_en: str
    name_zh: str
    city: str
    weight: int


@dataclass(frozen=True)
class Person:
    """A member as told at joining."""

    family_name: str
    given_name: str
    joined_at: datetime
    shop: str
    source: str = "till"
    phone: str | None = None
    email: str | None = None
    birthday: tuple[int | None, int, int] | None = None
    is_lunar: bool = False
    language: str = ""
    consents: tuple[tuple[str, bool], ...] = ()


SHOPS = (
    Shop("SH01", "Shanghai Anfu Road", "上海安福路店", "上海", 30),
    Shop("SH02", "Shanghai Lujiazui", "上海陆家嘴店", "上海", 20),
    Shop("HZ01", "Hangzhou Lakeside", "杭州湖滨店", "杭州", 18),
    Shop("CD01", "Chengdu Taikoo Li", "成都太古里店", "成都", 14),
    Shop("SZ01", "Shenzhen Coast City", "深圳海岸城店", "深圳", 10),
    Shop("BJ01", "Beijing Sanlitun", "北京三里屯店", "北京", 8),
)


def draw_people(
    rng: random.Random, count: int, *, opened_at: datetime, until: datetime
) -> list[Person]:
    """Members in the order in which they joined; no two share a phone or an e-mail address."""
    joined = sorted(_joining(rng, opened_at, until) for _ in range(count))
    phones = rng.sample(range(len(PHONE_PREFIXES) * 10_000), count)
    return [
        _draw_person(rng, number, phone, at)
        for number, (phone, at) in enumerate(zip(phones, joined, strict=True), start=1)
    ]


def draw_shop(rng: random.Random) -> str:
    """The code of a store, busy ones more often."""
    return rng.choices(SHOPS, [shop.weight for shop in SHOPS])[0].code


def _joining(rng: random.Random, opened_at: datetime, until: datetime) -> datetime:
    whole = LAUNCH if rng.random() < LAUNCH_SHARE else until - opened_at
    at = (opened_at + rng.random() * whole).replace(
        hour=rng.randint(10, 20),
        minute=rng.randrange(60),
        second=rng.randrange(60),
        microsecond=0,
    )
    return min(max(at, opened_at), until)


def _draw_person(rng: random.Random, number: int, phone: int, joined_at: datetime) -> Person:
    year = min(max(round(rng.gauss(joined_at.year - 33, 10)), 1948), joined_at.year - 17)
    is_foreign = rng.random() < 0.05
    family_name, given_name, letters = _foreign(rng) if is_foreign else _chinese(rng, year)
    prefix, rest = divmod(phone, 10_000)
    has_phone = rng.random() < 0.94
    has_mail = not has_phone or rng.random() < 0.55
    return Person(
        family_name=family_name,
        given_name=given_name,
        joined_at=joined_at,
        shop=draw_shop(rng),
        source="mini-program" if rng.random() < 0.25 else "till",
        phone=f"+86{PHONE_PREFIXES[prefix]}0000{rest:04}" if has_phone else None,
        email=f"{letters}{number}@{rng.choice(MAIL_DOMAINS)}" if has_mail else None,
        birthday=_birthday(rng, year),
        is_lunar=rng.random() < 0.06,
        language="en" if is_foreign else "zh-hans",
        consents=tuple(
            (channel, rng.random() < share)
            for channel, share in (("sms", 0.7), ("email", 0.5))
            if rng.random() < 0.8
        ),
    )


def _chinese(rng: random.Random, year: int) -> tuple[str, str, str]:
    family_name, family_letters, _weight = _weighted(rng, FAMILY_NAMES)
    fashion = OLDER_GIVEN_NAMES if year <= LAST_OLDER_YEAR else YOUNGER_GIVEN_NAMES
    given_name, given_letters, _weight = _weighted(rng, fashion)
    return family_name, given_name, f"{given_letters}.{family_letters}"


def _foreign(rng: random.Random) -> tuple[str, str, str]:
    given_name, family_name = rng.choice(FOREIGN_NAMES)
    return family_name, given_name, f"{given_name}.{family_name}".lower()


def _weighted(
    rng: random.Random, names: Sequence[tuple[str, str, float]]
) -> tuple[str, str, float]:
    return rng.choices(names, [weight for _name, _letters, weight in names])[0]


def _birthday(rng: random.Random, year: int) -> tuple[int | None, int, int] | None:
    """Two of three tell their birthday, some of them without the year."""
    told = rng.random()
    month, day = rng.randint(1, 12), rng.randint(1, 28)
    if told > 0.68:
        return None
    return (year if told < 0.6 else None, month, day)
