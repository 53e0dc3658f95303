"""Points that pay for part of a purchase: quoted, taken, and tied to the purchase."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from common import clock
from common.money import quantize, to_minor
from loyalty import rules
from loyalty.errors import (
    AmountNegative,
    DebtOutstanding,
    KeyReused,
    NotSpendable,
    PaymentGivenBack,
    PaymentOfAnotherMember,
    PaymentOfAnotherPrice,
    PaymentUsed,
    PointsNotPositive,
    PointsPayNothing,
    PointsPayTooMuch,
    PointsPayTooSmallPurchase,
    PointsTooFew,
)
from loyalty.models import (
    PointsAccount,
    PointsEntry,
    PointsLot,
    PointsMoney,
    PointsPayment,
    PointType,
    Purchase,
)
from members.models import Member, User

from .ledger import (
    MOST_POINTS,
    Kind,
    Posting,
    check_words,
    ledger_instant,
    lock_account,
    post,
)
from .overrides import tier_held

Limit = rules.QuoteLimit


def money_terms(member: Member, at: datetime) -> rules.MoneyTerms:
    """What points are worth to this member at an instant: the rate of the tier that holds, where
    it has one."""
    setup = PointsMoney.objects.solo()
    tier = tier_held(member, at)
    return rules.MoneyTerms(
        points_per_money=(tier and tier.points_per_money) or setup.points_per_money,
        minimum_purchase=quantize(setup.minimum_purchase),
        maximum_share=setup.maximum_share,
        multiple=setup.multiple,
        is_offered=setup.is_offered,
    )


def quote_points(
    *, member: Member, amount: Decimal, points: int | None = None, now: datetime | None = None
) -> rules.PointsQuote:
    """How many base points would pay for how much of a purchase, and why not for more.

    `amount` is the price after coupons. Asked for fewer `points`, no more are quoted. Nothing is
    taken and nothing is held. Refused: an amount that is none, points that are not positive.
    """
    check_question(amount=amount, points=points)
    moment = now or clock.now()
    kind = PointType.objects.base()
    terms = money_terms(member, moment)
    account = PointsAccount.objects.filter(member=member, point_type=kind).first()
    if account is None:
        return rules.quote(amount, spendable=0, debt=0, terms=terms, asked=points)
    at = ledger_instant(account, moment)
    spendable = account.lots.spendable(at).points_left()
    return rules.quote(amount, spendable=spendable, debt=account.debt, terms=terms, asked=points)


@transaction.atomic
def redeem_for_purchase(
    *,
    member: Member,
    amount: Decimal,
    key: str,
    points: int | None = None,
    reason: str = "",
    operator: User | None = None,
    now: datetime | None = None,
) -> PointsPayment:
    """Take the points that pay for part of a purchase of this price, soonest to expire first.

    Quoted again under the lock: as many as may be, or exactly the `points` that were agreed on.
    The payment waits for its purchase; a checkout that comes to nothing gives it back
    (`restore_points`). The same key gives the first payment back. Refused: what a quote would not
    allow, in its words; a key that was used for something else.
    """
    check_words(key=key, reason=reason)
    check_question(amount=amount, points=points)
    moment = now or clock.now()
    terms = money_terms(member, moment)
    account = lock_account(member, PointType.objects.base())
    if replayed := _replayed(account, key=key, amount=amount, points=points):
        return replayed
    if not account.is_spendable:
        raise NotSpendable(kind=account.point_type.name)
    at = ledger_instant(account, moment)
    lots = list(account.lots.spendable(at).soonest_expiring())
    quoted = rules.quote(
        amount, spendable=rules.takeable(lots), debt=account.debt, terms=terms, asked=points
    )
    _refuse_what_is_not_quoted(quoted, asked=points)
    entry = _take(account, lots, quoted, Request(key=key, at=at, reason=reason, operator=operator))
    return PointsPayment.objects.create(
        entry=entry,
        purchase_amount=quoted.purchase_amount,
        amount=quoted.amount,
        points_per_money=terms.points_per_money,
    )


@dataclass(frozen=True)
class Request:
    """Who asks for points, when, under which key and why."""

    key: str
    at: datetime
    reason: str
    operator: User | None


def check_question(*, amount: Decimal, points: int | None) -> None:
    """Refuse what is no amount of money and no number of points."""
    if to_minor(amount) < 0:
        raise AmountNegative(amount=amount)
    if points is not None and not 0 < points <= MOST_POINTS:
        raise PointsNotPositive(points=points)


def check_payment(payment: PointsPayment, purchase: Purchase) -> None:
    """Refuse a payment that another member made, that is spent already or fits another price."""
    if purchase.member_id != payment.entry.account.member_id:
        raise PaymentOfAnotherMember()
    if payment.purchases.exists():
        raise used_by(payment)
    refuse_given_back(payment)
    if purchase.due != payment.purchase_amount:
        raise PaymentOfAnotherPrice(quoted=payment.purchase_amount, due=purchase.due)


def used_by(payment: PointsPayment) -> PaymentUsed:
    """The refusal that names the purchase for which a payment has paid."""
    known = payment.purchases.first()
    return PaymentUsed(number=known.external_id if known else "")


def refuse_given_back(payment: PointsPayment) -> None:
    """Refuse points that were given back; asked again under the account's lock."""
    if payment.entry.restores.exists():
        raise PaymentGivenBack()


def _replayed(
    account: PointsAccount, *, key: str, amount: Decimal, points: int | None
) -> PointsPayment | None:
    """The payment that this key already made; refused where it made something else."""
    entry = PointsEntry.objects.filter(account=account, key=key).first()
    if entry is None:
        return None
    payment = PointsPayment.objects.filter(entry=entry).select_related("entry").first()
    if payment is None or payment.purchase_amount != amount or points not in (None, payment.points):
        raise KeyReused(key=key)
    return payment


def _take(
    account: PointsAccount, lots: list[PointsLot], quoted: rules.PointsQuote, request: Request
) -> PointsEntry:
    taken = rules.take_in_order(lots, quoted.points)
    posting = Posting(
        kind=Kind.REDEEM,
        points=-quoted.points,
        key=request.key,
        at=request.at,
        takes={lot.pk: points for lot, points in taken},
        breakdown={
            "purchase": str(quoted.purchase_amount),
            "worth": str(quoted.amount),
            "points_per_money": quoted.terms.points_per_money,
        },
        operator=request.operator,
        note=request.reason,
    )
    return post(account, posting)


def _refuse_what_is_not_quoted(quoted: rules.PointsQuote, *, asked: int | None) -> None:
    if quoted.points and asked in (None, quoted.points):
        return
    terms = quoted.terms
    match quoted.limit:
        case Limit.NOT_OFFERED:
            raise PointsPayNothing()
        case Limit.DEBT:
            raise DebtOutstanding(debt=quoted.debt)
        case Limit.MINIMUM:
            raise PointsPayTooSmallPurchase(minimum=terms.minimum_purchase)
        case Limit.SHARE:
            raise PointsPayTooMuch(share=terms.maximum_share, points=quoted.points)
    raise PointsTooFew(points=quoted.points, spendable=quoted.spendable, multiple=terms.multiple)
