"""Coupons come to their members: given by an operator, claimed, or taken by a code."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from benefits.errors import (
    CouponExpired,
    CouponNotFound,
    CouponRefusal,
    CouponVoided,
    LimitReached,
    OutOfStock,
    TemplateClosed,
)
from benefits.models import Coupon, CouponCounter, CouponTemplate
from benefits.notices import tell_of_coupon
from benefits.rules import claims
from benefits.rules.codes import is_code, new_code, plain_code
from benefits.shoppers import shopper_at
from common import clock
from common.integrity import broken_constraint
from members.models import Member

CODE_ATTEMPTS = 5
CODE_CONSTRAINT = "coupon_code_once"


@transaction.atomic
def issue_coupon(
    *,
    template: CouponTemplate,
    member: Member,
    key: str,
    now: datetime | None = None,
    shared_from: Coupon | None = None,
) -> Coupon:
    """Give a member one coupon with the template's terms of now; once for each key.

    Refused: a template that is closed (TemplateClosed) or whose last day is over (CouponExpired),
    one more than the stock (OutOfStock) or than a member may have (LimitReached).
    """
    at = now or clock.now()
    template = CouponTemplate.objects.locked().get(pk=template.pk)
    if replayed := _issued_before(template, member, key):
        return replayed
    check_open(template, at)
    take_for(template, member)
    return issue(template, member, key=key, at=at, shared_from=shared_from)


@transaction.atomic
def claim_coupon(
    *, template: CouponTemplate, member: Member, key: str, now: datetime | None = None
) -> Coupon:
    """Let a member take an offered coupon; once for each key.

    Refused besides what `issue_coupon` refuses: an offer that is not there (CouponNotFound), not
    open yet for this tier (CouponNotStarted), closed (CouponExpired) or for others
    (TierNotEligible, SegmentNotEligible).
    """
    at = now or clock.now()
    template = CouponTemplate.objects.locked().get(pk=template.pk)
    if replayed := _issued_before(template, member, key):
        return replayed
    if template.is_for_groups:
        raise CouponNotFound()
    if refusal := claim_refusal(template, member, at):
        raise refusal
    check_open(template, at)
    take_for(template, member)
    return issue(template, member, key=key, at=at)


@transaction.atomic
def bind_code(*, code: str, member: Member, now: datetime | None = None) -> Coupon:
    """Put the coupon of a code that nobody holds among a member's own; it is theirs from then on.

    Typed again by the same member it changes nothing. Refused: no such code, or another's
    (CouponNotFound), one that was withdrawn (CouponVoided) or whose time is over (CouponExpired),
    one more than a member may have (LimitReached).
    """
    at = now or clock.now()
    found = coupon_of(code)
    if found is None:
        raise CouponNotFound()
    template = CouponTemplate.objects.locked().get(pk=found.template_id)
    coupon = Coupon.objects.locked().get(pk=found.pk)
    if coupon.member_id == member.pk:
        return coupon
    if coupon.member_id is not None:
        raise CouponNotFound()
    if coupon.status == Coupon.Status.VOIDED:
        raise CouponVoided()
    if coupon.has_expired_at(at) and coupon.expires_at:
        raise CouponExpired(last_day=clock.last_valid_day(coupon.expires_at))
    bind(coupon, template, member)
    return coupon


def bind(coupon: Coupon, template: CouponTemplate, member: Member) -> None:
    """Make the bearer's coupon of a locked template a member's own, within the member's limit."""
    count_for(template, member)
    bound = Coupon.objects.filter(pk=coupon.pk, member__isnull=True, status=Coupon.Status.ISSUED)
    if not bound.update(member=member):
        raise CouponNotFound()
    coupon.member = member


def coupon_of(text: str) -> Coupon | None:
    """The coupon of a code, however it was typed; what can be no code is not looked for."""
    code = plain_code(text)
    return Coupon.objects.filter(code=code).first() if is_code(code) else None


def claim_refusal(template: CouponTemplate, member: Member, at: datetime) -> CouponRefusal | None:
    """Why a member cannot claim this now; None where they can, stock permitting."""
    segments = template.segments.values_list("pk", flat=True)
    windows = template.windows.select_related("tier")
    return claims.refusal_of(
        [claims.Window(found.tier.rank, found.opens_at, found.closes_at) for found in windows],
        shopper=shopper_at(member, at, asks_for_segments=bool(segments)),
        at=at,
        tiers=template.tiers.values_list("pk", flat=True),
        segments=segments,
    )


def check_open(template: CouponTemplate, at: datetime) -> None:
    """Refuse an offer that gives out no more, or nothing that would still be valid."""
    if not template.is_active:
        raise TemplateClosed()
    valid_from, expires_at = template.validity_at(at)
    if expires_at and expires_at <= valid_from:
        raise CouponExpired(last_day=clock.last_valid_day(expires_at))


def take_for(template: CouponTemplate, member: Member) -> None:
    """Take one out of the stock and count it for the member, both by conditional update."""
    if not CouponTemplate.objects.filter(pk=template.pk).take_stock(1):
        raise OutOfStock()
    count_for(template, member)


def count_for(template: CouponTemplate, member: Member) -> None:
    """Count one more for the member, within the limit per member."""
    CouponCounter.objects.open_for(template, [member.pk])
    counter = CouponCounter.objects.filter(template=template, member=member)
    if not counter.count_up(most=template.per_member_limit):
        raise LimitReached(limit=template.per_member_limit)


def terms_now(template: CouponTemplate, at: datetime) -> dict[str, Any]:
    """What a coupon that is issued now copies from its template."""
    valid_from, expires_at = template.validity_at(at)
    return {name: getattr(template, name) for name in CouponTemplate.TERMS} | {
        "conditions": conditions_of(template),
        "valid_from": valid_from,
        "expires_at": expires_at,
        "issued_at": at,
    }


def conditions_of(template: CouponTemplate) -> Mapping[str, list[int]]:
    """What a template is limited to, by ids; only the sorts that it limits."""
    sorts = {
        "categories": template.categories,
        "stores": template.stores,
        "channels": template.channels,
        "tiers": template.tiers,
        "segments": template.segments,
    }
    found = {sort: sorted(named.values_list("pk", flat=True)) for sort, named in sorts.items()}
    return {sort: ids for sort, ids in found.items() if ids}


def _issued_before(template: CouponTemplate, member: Member, key: str) -> Coupon | None:
    return Coupon.objects.filter(template=template, member=member, key=key).first()


def issue(
    template: CouponTemplate,
    member: Member,
    *,
    key: str,
    at: datetime,
    shared_from: Coupon | None = None,
) -> Coupon:
    """Write a coupon that stock and limit allowed, and tell its member."""
    coupon = Coupon(template=template, member=member, key=key, shared_from=shared_from)
    for name, value in terms_now(template, at).items():
        setattr(coupon, name, value)
    _insert(coupon)
    tell_of_coupon(coupon, member, now=at)
    return coupon


def _insert(coupon: Coupon) -> None:
    """Write the coupon under a code that no other has; a clash of codes is next to impossible."""
    for attempt in range(CODE_ATTEMPTS):
        coupon.code = new_code()
        try:
            with transaction.atomic():
                coupon.save(force_insert=True)
            return
        except IntegrityError as error:
            is_clash = broken_constraint(error, Coupon) == CODE_CONSTRAINT
            if not is_clash or attempt == CODE_ATTEMPTS - 1:
                raise
