"""Purchases and refunds: each recorded once, and what it earns or takes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from common import clock
from common.integrity import broken_constraint
from common.money import quantize, to_minor
from loyalty import rules
from loyalty.errors import (
    AmountNegative,
    HappensInFuture,
    LinesDoNotAddUp,
    ProgrammeMissing,
    PurchaseConflict,
    RefundBeforePurchase,
    RefundConflict,
    RefundExceedsPurchase,
    RefundOfAnotherMember,
)
from loyalty.models import (
    Channel,
    Partner,
    ProductCategory,
    Purchase,
    PurchaseLine,
    Refund,
    RefundLine,
)
from loyalty.notices import tell_of_purchase
from members.models import Member, Store

from .clawback import claims_of, claw_back
from .earning import earn_for_purchase, occasion_of
from .ledger import lock_accounts
from .programme import Programme
from .standings import note_late_fact, upgrade_tier

# Clocks of tills run apart; what lies further ahead than this has not happened.
TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Line:
    """One line of a purchase or refund; amounts and quantities are positive for both."""

    sku: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    description: str = ""
    category: ProductCategory | None = None


@transaction.atomic
def record_purchase(
    *,
    source: str,
    external_id: str,
    at: datetime,
    amount: Decimal,
    member: Member | None = None,
    store: Store | None = None,
    channel: Channel | None = None,
    partner: Partner | None = None,
    lines: Sequence[Line] = (),
    now: datetime | None = None,
) -> Purchase:
    """Record what was paid net of discounts, let it earn, upgrade the tier and tell the member.

    At most once per (source, external id): the same again gives the first back, other contents
    are refused. Without a member it is a guest's and earns nothing. Refused: a negative amount,
    an instant in the future, lines that do not add up.
    """
    moment = now or clock.now()
    check_facts(amount=amount, at=at, lines=lines, now=moment)
    purchase = Purchase(
        source=source,
        external_id=external_id,
        at=at,
        business_date=clock.business_date(at),
        amount=quantize(amount),
        member=member,
        store=store,
        channel=channel,
        partner=partner,
    )
    if known := _find_purchase(purchase) or _insert_purchase(purchase):
        return _same_purchase(known, purchase)
    PurchaseLine.objects.bulk_create(purchase_lines(purchase, lines))
    if member is not None:
        programme = Programme.for_facts()
        if not programme.point_types:
            raise ProgrammeMissing()
        occasion = occasion_of(purchase, programme, amounts_by_category(lines))
        accounts = lock_accounts([member.pk], programme.types_to_lock(rules.PURCHASE))
        entries = earn_for_purchase(purchase, occasion, accounts, programme, now=moment)
        upgrade_tier(member=member, programme=programme, fact_at=at, now=moment)
        tell_of_purchase(purchase, entries, now=moment)
    return purchase


@transaction.atomic
def record_refund(
    *,
    source: str,
    external_id: str,
    at: datetime,
    amount: Decimal,
    purchase: Purchase | None = None,
    member: Member | None = None,
    lines: Sequence[Line] = (),
    now: datetime | None = None,
) -> Refund:
    """Record money given back (a positive amount) and claw back what it had earned.

    With a purchase: one cumulative floor per purchase and kind of points, from recorded amounts.
    Without one: what today's rules give for the amount. At most once per (source, external id).
    Refused: a negative amount, the future or before the purchase, more than is left of it, another
    member's purchase, lines that do not add up.
    """
    moment = now or clock.now()
    check_facts(amount=amount, at=at, lines=lines, now=moment)
    named = Purchase.objects.select_for_update().get(pk=purchase.pk) if purchase else None
    if named and member is not None and member.pk != named.member_id:
        raise RefundOfAnotherMember()
    refund = Refund(
        source=source,
        external_id=external_id,
        at=at,
        business_date=clock.business_date(at),
        amount=quantize(amount),
        purchase=named,
        member=named.member if named else member,
    )
    if known := _find_refund(refund) or _insert_refund(refund):
        return _same_refund(known, refund)
    if named:
        _check_left(refund, named)
    RefundLine.objects.bulk_create(refund_lines(refund, lines))
    if refund.member is not None:
        programme = Programme.current()
        claims = claims_of(refund, programme)
        # What takes nothing back can still cost a tier, and the account is the lock for that too.
        kinds = [programme.point_types[pk] for pk in claims]
        kinds = kinds or list(programme.point_types.values())[:1]
        accounts = lock_accounts([refund.member.pk], kinds)
        claw_back(refund, claims, accounts, programme, now=moment)
        note_late_fact(refund.member, at)
    return refund


def check_facts(*, amount: Decimal, at: datetime, lines: Sequence[Line], now: datetime) -> None:
    """Refuse facts that cannot be true, whoever tells them, and what is no amount of money."""
    if to_minor(amount) < 0:
        raise AmountNegative(amount=amount)
    if at > max(now, clock.now()) + TOLERANCE:
        raise HappensInFuture(at=at)
    total = sum((line.amount for line in lines), Decimal(0))
    if lines and total != quantize(amount):
        raise LinesDoNotAddUp(lines=total, amount=quantize(amount))


def amounts_by_category(lines: Sequence[Line]) -> dict[int, Decimal]:
    """What was paid in each category of articles, for rules that ask."""
    amounts: dict[int, Decimal] = {}
    for line in lines:
        category = line.category.pk if line.category else rules.UNSORTED
        amounts[category] = amounts.get(category, Decimal(0)) + line.amount
    return amounts


def purchase_lines(purchase: Purchase, lines: Sequence[Line]) -> list[PurchaseLine]:
    """Rows for the lines, numbered from 1, not yet written."""
    return [
        PurchaseLine(
            purchase=purchase,
            number=number,
            category=line.category,
            sku=line.sku,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
        )
        for number, line in enumerate(lines, start=1)
    ]


def refund_lines(refund: Refund, lines: Sequence[Line]) -> list[RefundLine]:
    """Rows for the lines, numbered from 1, not yet written."""
    return [
        RefundLine(
            refund=refund,
            number=number,
            sku=line.sku,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
        )
        for number, line in enumerate(lines, start=1)
    ]


def _find_purchase(purchase: Purchase) -> Purchase | None:
    return Purchase.objects.filter(source=purchase.source, external_id=purchase.external_id).first()


def _insert_purchase(purchase: Purchase) -> Purchase | None:
    """Insert it; where another got there first, give back the other's."""
    try:
        with transaction.atomic():
            purchase.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error, Purchase) != "purchase_once_per_source":
            raise
        return _find_purchase(purchase)
    return None


def _same_purchase(known: Purchase, told: Purchase) -> Purchase:
    facts = ("member_id", "at", "amount", "store_id", "channel_id", "partner_id")
    if any(getattr(known, name) != getattr(told, name) for name in facts):
        raise PurchaseConflict(number=told.external_id)
    return known


def _find_refund(refund: Refund) -> Refund | None:
    return Refund.objects.filter(source=refund.source, external_id=refund.external_id).first()


def _insert_refund(refund: Refund) -> Refund | None:
    """Insert it; where another got there first, give back the other's."""
    try:
        with transaction.atomic():
            refund.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error, Refund) != "refund_once_per_source":
            raise
        return _find_refund(refund)
    return None


def _same_refund(known: Refund, told: Refund) -> Refund:
    facts = ("member_id", "at", "amount", "purchase_id")
    if any(getattr(known, name) != getattr(told, name) for name in facts):
        raise RefundConflict(number=told.external_id)
    return known


def _check_left(refund: Refund, purchase: Purchase) -> None:
    if refund.at < purchase.at:
        raise RefundBeforePurchase()
    left = purchase.amount - purchase.refunds.exclude(pk=refund.pk).total_amount()
    if refund.amount > left:
        raise RefundExceedsPurchase(left=left, asked=refund.amount)
