"""A checkout with coupons: reserve for a time, use or release; a refund gives back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from benefits.errors import (
    CheckoutKeyNotUsable,
    CheckoutReused,
    CouponExpired,
    CouponNotFound,
    CouponOfAnother,
    CouponReserved,
    NotReserved,
)
from benefits.models import Coupon, CouponTemplate, CouponUse
from benefits.models.coupons import NOT_RESERVED
from benefits.rules import Basket, Discount, discounts, purchase_refusal
from benefits.rules.codes import plain_code
from common import clock
from loyalty.models import Purchase
from members.models import Member

from .issuing import bind
from .quotes import Asker, Quote, QuotedCoupon, check_shape, named_by, quote_of

Status = Coupon.Status
LONGEST_KEY = 255


@transaction.atomic
def reserve_coupons(
    *,
    member: Member,
    codes: Sequence[str],
    basket: Basket,
    checkout_key: str,
    points_amount: Decimal = Decimal(0),
    seconds: int | None = None,
    is_till: bool = False,
    now: datetime | None = None,
) -> Quote:
    """Hold coupons for one checkout, for `COUPON_RESERVATION_SECONDS` unless told otherwise.

    All of them or none: the first that does not apply is raised. The same checkout with the same
    coupons changes nothing, also after they were used; with others, or for a purchase of which
    they take something else off, it is refused (CheckoutReused). Once its time is up, a checkout
    begins anew. A code that nobody holds becomes the member's.
    """
    at = now or clock.now()
    _check_key(checkout_key)
    check_shape(basket, points_amount)
    wanted = list(dict.fromkeys(plain_code(code) for code in codes))
    coupons = _lock(member, wanted, checkout_key)
    _let_go_of_lapsed(member, checkout_key, at)
    if replayed := _reserved_before(member, checkout_key, wanted, basket, points_amount):
        return replayed
    asker = Asker(member, basket, checkout_key, at, is_till=is_till)
    quote = asker.quote([(code, coupons.get(code)) for code in wanted], points_amount)
    until = at + timedelta(seconds=seconds or settings.COUPON_RESERVATION_SECONDS)
    for quoted in sorted(
        quote.coupons, key=lambda quoted: quoted.coupon.pk if quoted.coupon else 0
    ):
        if quoted.refusal or quoted.coupon is None:
            raise quoted.refusal or CouponNotFound()
        _hold(quoted.coupon, quoted.discount, member, checkout_key, at=at, until=until)
    return quote


@transaction.atomic
def use_coupons(
    *,
    member: Member,
    checkout_key: str,
    purchase: Purchase | None = None,
    now: datetime | None = None,
) -> list[CouponUse]:
    """Use what a checkout holds: the purchase is paid. Said again, it changes nothing.

    A reservation whose time is up still counts while nobody else has the coupon and its validity
    is not over. Refused: a checkout that holds nothing (NotReserved), a coupon that ended after
    its reservation did (CouponExpired), another member's purchase (CouponOfAnother).
    """
    at = now or clock.now()
    _check_key(checkout_key)
    if purchase is not None and purchase.member_id not in (None, member.pk):
        raise CouponOfAnother()
    _lock_member(member)
    held = list(Coupon.objects.held_for(member, checkout_key).locked())
    if not held:
        uses = list(CouponUse.objects.of_checkout(member, checkout_key).order_by("pk"))
        if uses:
            return uses
        raise NotReserved()
    for coupon in held:
        if not coupon.is_reserved_at(at) and coupon.has_expired_at(at) and coupon.expires_at:
            raise CouponExpired(last_day=clock.last_valid_day(coupon.expires_at))
    return [_use(coupon, member, checkout_key, purchase, at) for coupon in held]


@transaction.atomic
def use_at_once(
    *,
    member: Member,
    codes: Sequence[str],
    basket: Basket,
    checkout_key: str,
    purchase: Purchase | None = None,
    now: datetime | None = None,
) -> list[CouponUse]:
    """Reserve and use coupons in one step, for who has paid at a counter; once for each checkout.

    Refused: what `reserve_coupons` refuses; then nothing is held.
    """
    at = now or clock.now()
    reserve_coupons(
        member=member, codes=codes, basket=basket, checkout_key=checkout_key, is_till=True, now=at
    )
    return use_coupons(member=member, checkout_key=checkout_key, purchase=purchase, now=at)


@transaction.atomic
def release_coupons(*, member: Member, checkout_key: str) -> int:
    """Let go of what a checkout holds, and say how many that were; what was used stays used."""
    _check_key(checkout_key)
    _lock_member(member)
    held = Coupon.objects.held_for(member, checkout_key).locked()
    ids = [coupon.pk for coupon in held]
    return Coupon.objects.filter(pk__in=ids).release(checkout_key=checkout_key)


@transaction.atomic
def give_back_coupons(*, purchase: Purchase, now: datetime | None = None) -> list[Coupon]:
    """Give back the coupons of a purchase that was refunded whole, where they are still valid.

    Whole is all that money and points paid.

    Said again, it changes nothing. A purchase refunded in part keeps its coupons used.
    """
    at = now or clock.now()
    uses = CouponUse.objects.standing().filter(purchase=purchase)
    coupons = list(Coupon.objects.filter(uses__in=uses).locked())
    refunded = purchase.refunds.aggregate(total=Sum(F("amount") + F("paid_by_points")))["total"]
    if refunded is None or refunded < purchase.due:
        return []
    return [coupon for coupon in coupons if _give_back(coupon, purchase, at)]


def _give_back(coupon: Coupon, purchase: Purchase, at: datetime) -> bool:
    if coupon.status != Status.USED or (coupon.expires_at and coupon.expires_at <= at):
        return False
    use = CouponUse.objects.standing().filter(coupon=coupon, purchase=purchase)
    if not use.update(returned_at=at):
        return False
    for name, value in NOT_RESERVED.items():
        setattr(coupon, name, value)
    return Coupon.objects.filter(pk=coupon.pk, status=Status.USED).update(**NOT_RESERVED) == 1


def _check_key(checkout_key: str) -> None:
    if not 0 < len(checkout_key) <= LONGEST_KEY or "\x00" in checkout_key:
        raise CheckoutKeyNotUsable(longest=LONGEST_KEY)


def _lock_member(member: Member) -> None:
    """A member's checkouts go one at a time, so that one key cannot hold two sets of coupons."""
    Member.objects.select_for_update(no_key=True).only("pk").get(pk=member.pk)


def _lock(member: Member, codes: Sequence[str], checkout_key: str) -> dict[str, Coupon]:
    """Lock who buys, the templates of codes that nobody holds, then the coupons and with them what
    the checkout holds.
    """
    _lock_member(member)
    named = named_by(codes)
    unbound = {coupon.template_id for coupon in named if coupon.member_id is None}
    if unbound:
        list(CouponTemplate.objects.filter(pk__in=unbound).order_by("pk").locked())
    held = Coupon.objects.held_for(member, checkout_key).values_list("pk", flat=True)
    ids = {coupon.pk for coupon in named} | set(held)
    rows = Coupon.objects.filter(pk__in=ids).select_related("template").locked()
    return {coupon.code: coupon for coupon in rows}


def _let_go_of_lapsed(member: Member, checkout_key: str, at: datetime) -> None:
    """Give back what a checkout held until an instant that is over: it is held no more."""
    Coupon.objects.held_for(member, checkout_key).filter(reserved_until__lte=at).release(
        checkout_key=checkout_key
    )


def _reserved_before(
    member: Member, checkout_key: str, codes: Sequence[str], basket: Basket, points: Decimal
) -> Quote | None:
    """The reservation that this checkout made already; refused where it holds other coupons, or
    holds them for another purchase.
    """
    held: list[Coupon | CouponUse] = list(Coupon.objects.held_for(member, checkout_key))
    if not held:
        held = list(CouponUse.objects.of_checkout(member, checkout_key))
    if not held:
        return None
    by_code = {row.coupon.code if isinstance(row, CouponUse) else row.code: row for row in held}
    if set(by_code) != set(codes):
        raise CheckoutReused()
    quoted = [_quoted_before(code, by_code[code]) for code in codes]
    if not _take_the_same(quoted, basket):
        raise CheckoutReused()
    return quote_of(basket, quoted, points)


def _take_the_same(quoted: Sequence[QuotedCoupon], basket: Basket) -> bool:
    """Whether these coupons would take the same off this purchase: then it is the one they are
    held for, or as good as it.
    """
    terms = [held.coupon.terms() for held in quoted if held.coupon]
    if any(purchase_refusal(asked, basket) for asked in terms):
        return False
    return discounts(terms, basket) == [held.discount for held in quoted]


def _quoted_before(code: str, row: Coupon | CouponUse) -> QuotedCoupon:
    shares = {key: Decimal(share) for key, share in row.shares.items()}
    goods = sum(shares.values(), Decimal(0))
    discount = Discount(amount=goods, shares=shares, shipping=row.discount - goods)
    coupon = row.coupon if isinstance(row, CouponUse) else row
    return QuotedCoupon(code=code, coupon=coupon, refusal=None, discount=discount)


def _hold(
    coupon: Coupon,
    discount: Discount,
    member: Member,
    checkout_key: str,
    *,
    at: datetime,
    until: datetime,
) -> None:
    if coupon.member_id is None:
        bind(coupon, coupon.template, member)
    coupon.status, coupon.checkout_key, coupon.reserved_until = (
        Status.RESERVED,
        checkout_key,
        until,
    )
    coupon.discount = discount.amount + discount.shipping
    coupon.shares = {key: str(share) for key, share in discount.shares.items()}
    free = Coupon.objects.filter(pk=coupon.pk).free(at, checkout_key)
    taken = free.update(
        status=coupon.status,
        checkout_key=checkout_key,
        reserved_until=until,
        discount=coupon.discount,
        shares=coupon.shares,
    )
    if not taken:
        raise CouponReserved(until=until)


def _use(
    coupon: Coupon, member: Member, checkout_key: str, purchase: Purchase | None, at: datetime
) -> CouponUse:
    held = Coupon.objects.held_for(member, checkout_key).filter(pk=coupon.pk)
    if not held.update(status=Status.USED, checkout_key="", reserved_until=None):
        raise NotReserved()
    return CouponUse.objects.create(
        coupon=coupon,
        member=member,
        purchase=purchase,
        checkout_key=checkout_key,
        discount=coupon.discount,
        shares=coupon.shares,
        at=at,
    )
