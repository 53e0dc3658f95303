"""Purchases and refunds: each recorded once, and what it earns or takes back."""

from collections.abc import Sequence
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
    PartsDoNotAddUp,
    PointsPartNotAsked,
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
    PointsPayment,
    Purchase,
    PurchaseLine,
    Refund,
    RefundLine,
)
from loyalty.notices import tell_of_purchase
from members.models import Member, MemberMerge, Store, User

from .clawback import claims_of, claw_back
from .earning import earn_for_purchase, occasion_of
from .giving_back import give_points_back, part_of_refund, points_due
from .ladder import hold_ladder
from .ledger import lock_accounts
from .lines import (
    Line,
    amounts_by_category,
    check_refund_lines,
    purchase_lines,
    refund_lines,
)
from .merging import settle_member
from .points_money import check_payment, refuse_given_back, used_by
from .programme import Programme
from .standings import note_late_fact, upgrade_tier

__all__ = ["TOLERANCE", "Line", "check_facts", "record_purchase", "record_refund"]

# Clocks of tills run apart; what lies further ahead than this has not happened.
TOLERANCE = timedelta(minutes=10)


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
    gross: Decimal | None = None,
    discount: Decimal = Decimal(0),
    coupons: Sequence[str] = (),
    payment: PointsPayment | None = None,
    now: datetime | None = None,
) -> Purchase:
    """Record what was paid net of discounts, let it earn, upgrade the tier and tell the member.

    `amount` is the money paid; the price `gross` is `discount` (by coupons, named in `coupons`) +
    what the points of `payment` paid + `amount`. The lines add up to the price less the discount.
    At most once per (source, external id): the same again gives the first back, other contents
    are refused. Without a member it is a guest's and earns nothing. Refused: a negative amount,
    an instant in the future, lines or parts that do not add up, a payment that is another
    member's, was used, given back or quoted for another price.
    """
    moment = now or clock.now()
    # A till may still know a member who was merged; points taken before that are that member's.
    member = member if member is None or payment else member.holder
    # Before anything is rounded: what is no amount has no decimals to round to.
    for told in (amount, discount):
        to_minor(told)
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
        discount=quantize(discount),
        coupons=list(coupons),
        payment=payment,
        paid_by_points=payment.amount if payment else Decimal(0),
        points_used=payment.points if payment else 0,
    )
    check_facts(amount=amount, due=purchase.due, at=at, lines=lines, now=moment)
    _check_parts(purchase, discount=discount, gross=gross)
    if known := _find_purchase(purchase):
        return _same_purchase(known, purchase)
    if payment:
        check_payment(payment, purchase)
    if known := _insert_purchase(purchase):
        return _same_purchase(known, purchase)
    PurchaseLine.objects.bulk_create(purchase_lines(purchase, lines))
    if member is not None:
        _earn(purchase, member, lines, now=moment)
    return purchase


def _earn(purchase: Purchase, member: Member, lines: Sequence[Line], *, now: datetime) -> None:
    programme = Programme.for_facts()
    if not programme.point_types:
        raise ProgrammeMissing()
    occasion = occasion_of(purchase, programme, amounts_by_category(purchase, lines))
    kinds = {kind.pk: kind for kind in programme.types_to_lock(rules.PURCHASE)}
    if purchase.payment:
        paid_in = purchase.payment.entry.account.point_type
        kinds[paid_in.pk] = paid_in
    accounts = lock_accounts([member.pk], list(kinds.values()))
    if purchase.payment:
        refuse_given_back(purchase.payment)
    entries = earn_for_purchase(purchase, occasion, accounts, programme, now=now)
    upgrade_tier(member=member, programme=programme, fact_at=purchase.at, now=now)
    tell_of_purchase(purchase, entries, now=now)


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
    points_part: Decimal | None = None,
    operator: User | None = None,
    now: datetime | None = None,
) -> Refund:
    """Record money given back (a positive amount), give back points used, claw back points earned.

    With a purchase: one cumulative floor per purchase and kind of points, from recorded amounts;
    the points that paid for part of it come back by the same floor. `points_part` says how much
    comes back of a purchase that points paid alone: all that is left unless told. Without a
    purchase: what today's rules give for the amount. At most once per (source, external id).
    Refused: a negative amount, the future or before the purchase, more than is left of it or of
    one of its lines, another member's purchase, lines that do not add up.
    """
    moment = now or clock.now()
    check_facts(amount=amount, at=at, lines=lines, now=moment)
    named = _locked_purchase(purchase, member)
    refund = Refund(
        source=source,
        external_id=external_id,
        at=at,
        business_date=clock.business_date(at),
        amount=quantize(amount),
        purchase=named,
        member=named.member if named else member and member.holder,
        operator=operator,
    )
    if known := _find_refund(refund):
        return _same_refund(known, refund, points_part)
    if named:
        _check_left(refund, named)
    sold = check_refund_lines(named, lines)
    refund.paid_by_points = _points_part(refund, points_part)
    if known := _insert_refund(refund):
        return _same_refund(known, refund, points_part)
    RefundLine.objects.bulk_create(refund_lines(refund, lines, sold))
    if refund.member is not None:
        _settle(refund, refund.member, now=moment)
    return refund


def _settle(refund: Refund, member: Member, *, now: datetime) -> None:
    """Under one lock: first the points used come back, then the points earned are clawed back.

    In this order what comes back can be taken at once, and nothing at hand is owed or forgiven.
    """
    programme = Programme.current()
    claims = claims_of(refund, programme)
    due = points_due(refund)
    kinds = {pk: programme.point_types[pk] for pk in claims}
    if due:
        kinds[due.redemption.account.point_type_id] = due.redemption.account.point_type
    # What takes nothing back can still cost a tier, and the account is the lock for that too.
    kinds = kinds or dict(list(programme.point_types.items())[:1])
    if member.merged_into_id is not None:
        # What is settled afterwards may be of any kind, and move a tier.
        hold_ladder()
        kinds = dict(programme.point_types)
    locked = lock_accounts({member.pk, member.holder.pk}, list(kinds.values()))
    accounts = [account for account in locked if account.member_id == member.pk]
    beside = {held.point_type_id: held for held in locked if held.member_id != member.pk}
    for account in accounts:
        if due and account.pk == due.redemption.account_id:
            give_points_back(refund, due, account, now=now)
    claw_back(refund, claims, accounts, programme, beside=beside, now=now)
    settle_member(member, at=now)
    note_late_fact(member.holder, refund.at)


def check_facts(
    *,
    amount: Decimal,
    at: datetime,
    lines: Sequence[Line],
    now: datetime,
    due: Decimal | None = None,
) -> None:
    """Refuse facts that cannot be true, whoever tells them, and what is no amount of money.

    Lines add up to what was `due`: the amount, unless points paid for a part.
    """
    if to_minor(amount) < 0:
        raise AmountNegative(amount=amount)
    if at > max(now, clock.now()) + TOLERANCE:
        raise HappensInFuture(at=at)
    expected = quantize(amount) if due is None else due
    total = sum((line.amount for line in lines), Decimal(0))
    if lines and total != expected:
        raise LinesDoNotAddUp(lines=total, amount=expected)


def _check_parts(purchase: Purchase, *, discount: Decimal, gross: Decimal | None) -> None:
    if to_minor(discount) < 0:
        raise AmountNegative(amount=discount)
    if gross is not None and gross != purchase.gross:
        raise PartsDoNotAddUp(
            gross=gross,
            discount=purchase.discount,
            paid_by_points=purchase.paid_by_points,
            amount=purchase.amount,
            total=purchase.gross,
        )


def _find_purchase(purchase: Purchase) -> Purchase | None:
    return Purchase.objects.filter(source=purchase.source, external_id=purchase.external_id).first()


def _insert_purchase(purchase: Purchase) -> Purchase | None:
    """Insert it; where another got there first, give back the other's."""
    try:
        with transaction.atomic():
            purchase.save(force_insert=True)
    except IntegrityError as error:
        broken = broken_constraint(error, Purchase)
        if broken == "purchase_payment_once" and purchase.payment:
            raise used_by(purchase.payment) from error
        if broken != "purchase_once_per_source":
            raise
        return _find_purchase(purchase)
    return None


def _same_purchase(known: Purchase, told: Purchase) -> Purchase:
    facts = ("at", "amount", "discount", "coupons", "payment_id")
    places = ("store_id", "channel_id", "partner_id")
    if not _is_same_member(known, told) or any(
        getattr(known, name) != getattr(told, name) for name in facts + places
    ):
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


def _same_refund(known: Refund, told: Refund, points_part: Decimal | None) -> Refund:
    facts = ("at", "amount", "purchase_id")
    is_same = points_part in (None, known.paid_by_points) and _is_same_member(known, told)
    if not is_same or any(getattr(known, name) != getattr(told, name) for name in facts):
        raise RefundConflict(number=told.external_id)
    return known


def _is_same_member(known: Purchase | Refund, told: Purchase | Refund) -> bool:
    """Whether both are one member's, or of two who are or were merged."""
    one, other = known.member_id, told.member_id
    return one == other or MemberMerge.objects.all().joined(one, other)


def _locked_purchase(purchase: Purchase | None, member: Member | None) -> Purchase | None:
    """The purchase as the lock that its refunds wait for."""
    if purchase is None:
        return None
    held = Purchase.objects.select_for_update(of=("self",)).select_related(
        "member", "payment__entry__account__point_type"
    )
    named = held.get(pk=purchase.pk)
    if member is None or member.pk == named.member_id:
        return named
    if named.member is None or named.member.merged_into_id != member.pk:
        raise RefundOfAnotherMember()
    return named


def _points_part(refund: Refund, told: Decimal | None) -> Decimal:
    """What comes back of the part that points had paid."""
    purchase = refund.purchase
    if purchase is not None and purchase.is_paid_by_points_alone:
        left = purchase.paid_by_points - purchase.refunds.all().total_paid_by_points()
        if told is not None and to_minor(told) < 0:
            raise AmountNegative(amount=told)
        if told is not None and told > left:
            raise RefundExceedsPurchase(left=left, asked=told)
        return left if told is None else told
    if told is not None:
        raise PointsPartNotAsked()
    return part_of_refund(purchase, refund.amount) if purchase and purchase.payment else Decimal(0)


def _check_left(refund: Refund, purchase: Purchase) -> None:
    if refund.at < purchase.at:
        raise RefundBeforePurchase()
    left = purchase.amount - purchase.refunds.all().total_amount()
    if refund.amount > left:
        raise RefundExceedsPurchase(left=left, asked=refund.amount)
