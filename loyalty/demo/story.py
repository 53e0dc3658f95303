"""What is told of single members, so that the demo shows every kind of line in the ledger."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from .facts import Cancellation, CheckIn, Correction, Fact, Redemption, Return, Thanks, Visit
from .logins import MEMBER_EMAIL, MEMBER_PHONE
from .people import Person
from .shopping import BY_SKU, MUG, VOUCHER, Pieces

# Places in the list of people.
LEAD, DEBTOR = 0, 1

Basket = Sequence[tuple[str, int]]

# The lead's purchases: months before this one, day, hour, minute, what. The first lot is spent but
# for a rest that has expired, the second expires with this month, and a year of them makes gold.
LEAD_VISITS: Sequence[tuple[int, int, int, int, Basket]] = (
    (13, 4, 15, 24, [("POT-312", 1), ("SET-321", 1), ("TEA-106", 1), ("TEA-105", 1)]),
    (12, 12, 10, 41, [("KET-331", 1), ("CUP-302", 2), ("TEA-103", 2)]),
    (11, 9, 18, 7, [("SET-322", 1)]),
    (10, 15, 16, 32, [("SNK-403", 6)]),
    (9, 21, 12, 15, [("COF-201", 2), ("CUP-303", 1)]),
    (8, 6, 17, 50, [("POT-312", 1), ("POT-311", 1)]),
    (7, 11, 11, 3, [("SNK-403", 4)]),
    (6, 18, 19, 26, [("HOM-503", 2), ("HOM-502", 2)]),
    (5, 8, 14, 38, [("SET-322", 1), ("TEA-106", 1)]),
    (4, 14, 10, 12, [("KET-331", 1), ("COF-201", 2)]),
    (3, 3, 17, 45, [("SNK-403", 8)]),
    (2, 17, 13, 20, [("POT-312", 1), ("TEA-106", 2)]),
    (1, 5, 18, 55, [("HOM-503", 1), ("HOM-504", 2)]),
)
# Mornings in a row up to yesterday: the week is full with today's check-in.
LEAD_CHECK_INS = 6
# Points of the last two are held still. The first of them is paid in part by so many points.
LEAD_PAYS = 500
LEAD_LATELY: Sequence[tuple[int, int, int, Basket]] = (
    (5, 17, 36, [("TEA-101", 2), ("CUP-301", 2), ("HOM-502", 1)]),
    (2, 12, 8, [("SNK-402", 3), ("COF-202", 1)]),
)


def told_people(until: datetime) -> list[Person]:
    """The members of the story, by their places."""
    lead = Person(
        family_name="林",
        given_name="晓雯",
        joined_at=_month(until, 13, day=4, hour=15, minute=20),
        shop="SH01",
        phone="+86" + MEMBER_PHONE.replace(" ", ""),
        email=MEMBER_EMAIL,
        # This month, so that the demo shows what a birthday brings.
        birthday=(until.year - 34, until.month, min(until.day, 28)),
        consents=(("sms", True), ("email", True)),
    )
    debtor = Person(
        family_name="赵",
        given_name="子轩",
        joined_at=_ago(until, 70, 11, 2),
        shop="HZ01",
        phone="+8615900001357",
        language="zh-hans",
        consents=(("sms", False),),
    )
    return [lead, debtor]


def told_facts(until: datetime) -> list[Fact]:
    """What happened to them, up to an instant."""
    return [*_lead(until), *_debtor(until)]


def _lead(until: datetime) -> list[Fact]:
    facts: list[Fact] = [
        _visit(_month(until, months, day=day, hour=hour, minute=minute), LEAD, "SH01", basket)
        for months, day, hour, minute, basket in LEAD_VISITS
    ]
    facts += [
        check_in(_ago(until, days, 8, 2 * days), LEAD) for days in range(LEAD_CHECK_INS, 0, -1)
    ]
    lately = [
        _visit(_ago(until, days, hour, minute), LEAD, "SH01", basket)
        for days, hour, minute, basket in LEAD_LATELY
    ]
    lately[0] = replace(lately[0], points=LEAD_PAYS)
    tumblers = _visit(_ago(until, 24, 16, 40), LEAD, "SH01", [("CUP-303", 2), ("PAP-601", 1)])
    one_back = Return(
        _ago(until, 20, 12, 31), f"R-{tumblers.number}", tumblers, _pieces([("CUP-303", 1)])
    )
    voucher = Redemption(_month(until, 9, day=25, hour=20, minute=5), "D-L1", LEAD, VOUCHER)
    mug = Redemption(_month(until, 2, day=20, hour=21, minute=14), "D-L2", LEAD, MUG)
    sold_out = Cancellation(_month(until, 2, day=22, hour=10, minute=30), mug)
    late = Correction(
        _ago(until, 40, 11, 17), "A-L1", LEAD, 88, "补录小票 Receipt shown without the card"
    )
    review = Thanks(_month(until, 5, day=20, hour=9, minute=48), "H-L1", LEAD, 20, "评价 Review")
    return [*facts, *lately, tumblers, one_back, voucher, mug, sold_out, late, review]


def _debtor(until: datetime) -> list[Fact]:
    """Points spent, then the purchase that had earned them brought back, then a plea."""
    bought = _visit(_ago(until, 70, 11, 6), DEBTOR, "HZ01", [("POT-312", 2)])
    spent = Redemption(_ago(until, 50, 19, 22), "D-D1", DEBTOR, VOUCHER)
    returned = Return(_ago(until, 45, 15, 10), f"R-{bought.number}", bought, bought.pieces)
    # More than an operator may give alone: it waits for another's approval.
    asked = Correction(
        _ago(until, 3, 10, 26),
        "A-D1",
        DEBTOR,
        1200,
        "退货争议 Return settled in the member's favour",
    )
    return [bought, spent, returned, asked]


def check_in(at: datetime, person: int) -> CheckIn:
    """Someone's check-in on a day."""
    return CheckIn(at, f"K-{person}-{at:%y%m%d}", person)


def _visit(at: datetime, person: int, shop: str, basket: Basket) -> Visit:
    return Visit(at, f"{shop}-{at:%y%m%d-%H%M%S}", person, "till", shop, _pieces(basket))


def _pieces(basket: Basket) -> tuple[Pieces, ...]:
    return tuple(Pieces(BY_SKU[sku], quantity) for sku, quantity in basket)


def _ago(until: datetime, days: int, hour: int, minute: int) -> datetime:
    day = until - timedelta(days=days)
    return day.replace(hour=hour, minute=minute, second=12, microsecond=0)


def _month(until: datetime, back: int, *, day: int, hour: int, minute: int) -> datetime:
    """A day of the month that lies so many months before this one."""
    years, month = divmod(until.year * 12 + until.month - 1 - back, 12)
    return datetime(years, month + 1, day, hour, minute, 12, tzinfo=until.tzinfo)
