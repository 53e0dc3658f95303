"""Many coupons at once: promised in one transaction, written in ranges."""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from benefits.errors import (
    CountNotPositive,
    MembersAtLimit,
    MembersUnknown,
    NobodyNamed,
    OutOfStock,
    SegmentEmpty,
)
from benefits.models import CouponBatch, CouponCounter, CouponTemplate
from benefits.rules.codes import new_code
from common import clock
from common.sql import execute_sql
from members.models import Member, Segment, SegmentMembership, User

from .issuing import check_open, conditions_of

MOST_CODES = 1_000_000
RANGE = 10_000
SHOWN = 10
LOOKED_UP = 5_000


@transaction.atomic
def promise_codes(
    *,
    template: CouponTemplate,
    count: int,
    key: str,
    operator: User | None = None,
    now: datetime | None = None,
) -> CouponBatch:
    """Ask for codes that nobody holds yet: `issue_next` writes them. Once for each key.

    The stock is taken at once. Refused: fewer than one or more than a million (CountNotPositive),
    more than the stock (OutOfStock), a closed template.
    """
    if not 1 <= count <= MOST_CODES:
        raise CountNotPositive(most=MOST_CODES)
    at = now or clock.now()
    template = CouponTemplate.objects.locked().get(pk=template.pk)
    if replayed := CouponBatch.objects.filter(template=template, key=key).first():
        return replayed
    check_open(template, at)
    batch = CouponBatch(template=template, kind=CouponBatch.Kind.CODES, key=key)
    return _promise(batch, count, operator, at)


@transaction.atomic
def promise_coupons(
    *,
    template: CouponTemplate,
    members: Collection[Member],
    key: str,
    operator: User | None = None,
    now: datetime | None = None,
) -> CouponBatch:
    """Ask for one coupon for each of these members: `issue_next` writes them. Once for each key.

    Stock and limits are taken at once, for all of them or for none. Refused: nobody at all
    (NobodyNamed), members who have as many as they may (MembersAtLimit), more than the stock
    (OutOfStock), a closed template.
    """
    by_id = {member.pk: member for member in members}
    if len(by_id) == 0:
        raise NobodyNamed()
    at = now or clock.now()
    template = CouponTemplate.objects.locked().get(pk=template.pk)
    if replayed := CouponBatch.objects.filter(template=template, key=key).first():
        return replayed
    check_open(template, at)
    if full := _at_limit(template, sorted(by_id)):
        numbers = [by_id[pk].card_number for pk in full]
        raise MembersAtLimit(count=len(numbers), numbers=_some(numbers))
    batch = CouponBatch(template=template, kind=CouponBatch.Kind.MEMBERS, key=key)
    return _promise_each(batch, sorted(by_id), operator, at)


@transaction.atomic
def promise_to_segment(
    *,
    template: CouponTemplate,
    segment: Segment,
    key: str,
    operator: User | None = None,
    now: datetime | None = None,
) -> CouponBatch:
    """Ask for one coupon for each active member who is in a segment on this business date.

    `issue_next` writes them. Once for each key. Who has as many as a member may is left out, and
    counted. Refused: a segment of nobody else (SegmentEmpty), more than the stock (OutOfStock), a
    closed template.
    """
    at = now or clock.now()
    template = CouponTemplate.objects.locked().get(pk=template.pk)
    if replayed := CouponBatch.objects.filter(template=template, key=key).first():
        return replayed
    check_open(template, at)
    stays = SegmentMembership.objects.all().on(clock.business_date(at))
    found = stays.filter(segment=segment, member__status=Member.Status.ACTIVE)
    ids = sorted(set(found.values_list("member", flat=True)))
    full = set(_at_limit(template, ids))
    batch = CouponBatch(
        template=template,
        kind=CouponBatch.Kind.MEMBERS,
        segment=segment,
        left_out=len(full),
        key=key,
    )
    wanted = [pk for pk in ids if pk not in full]
    if not wanted:
        raise SegmentEmpty()
    return _promise_each(batch, wanted, operator, at)


@transaction.atomic
def issue_next(*, batch: CouponBatch, now: datetime | None = None) -> CouponBatch:
    """Write the next range of a batch, and with it how far it is. Any number may be at it."""
    at = now or clock.now()
    template = CouponTemplate.objects.locked().get(pk=batch.template_id)
    batch = CouponBatch.objects.locked().get(pk=batch.pk)
    if batch.is_done:
        return batch
    missing = min(RANGE, batch.size - batch.done)
    members: Sequence[int | None] = [None] * missing
    if not batch.has_codes:
        in_order = batch.recipients.filter(number__gt=batch.done).order_by("number")
        members = list(in_order.values_list("member", flat=True)[:missing])
    _write(template, batch, members, at)
    batch.done += missing
    batch.finished_at = at if batch.done == batch.size else None
    batch.save(update_fields=["done", "finished_at"])
    return batch


def members_of(numbers: Sequence[str]) -> list[Member]:
    """The members of these card numbers; a number that is nobody's refuses all of them."""
    found: dict[str, Member] = {}
    wanted = list(dict.fromkeys(numbers))
    for some in _cut(wanted):
        held = Member.objects.filter(card_number__in=some).only("card_number", "merged_into")
        found.update({member.card_number: member.holder for member in held})
    unknown = [number for number in wanted if number not in found]
    if unknown:
        raise MembersUnknown(count=len(unknown), numbers=_some(unknown))
    return list({found[number].pk: found[number] for number in wanted}.values())


def _promise(batch: CouponBatch, size: int, operator: User | None, at: datetime) -> CouponBatch:
    if not CouponTemplate.objects.filter(pk=batch.template_id).take_stock(size):
        raise OutOfStock()
    batch.size, batch.operator, batch.created_at = size, operator, at
    batch.save(force_insert=True)
    return batch


def _promise_each(
    batch: CouponBatch, ids: Sequence[int], operator: User | None, at: datetime
) -> CouponBatch:
    """Promise one to each of these members, in ascending id, and count it for them."""
    _promise(batch, len(ids), operator, at)
    for start in range(0, len(ids), RANGE):
        params = {
            "ids": json.dumps(ids[start : start + RANGE]),
            "batch": batch.pk,
            "template": batch.template_id,
            "after": start,
        }
        execute_sql("benefits", "promise_coupons", params)
    return batch


def _at_limit(template: CouponTemplate, ids: Sequence[int]) -> list[int]:
    """Which of these members have as many as they may.

    The template is locked, so what is read here still holds when it is counted.
    """
    limit, full = template.per_member_limit, list[int]()
    if limit is None:
        return full
    counters = CouponCounter.objects.filter(template=template, issued__gte=limit)
    for some in _cut(ids):
        full += counters.filter(member__in=some).values_list("member", flat=True)
    return sorted(full)


def _cut(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(ids), LOOKED_UP):
        yield ids[start : start + LOOKED_UP]


def _some(numbers: Sequence[str]) -> str:
    shown = ", ".join(numbers[:SHOWN])
    return f"{shown} …" if len(numbers) > SHOWN else shown


def _write(
    template: CouponTemplate, batch: CouponBatch, members: Sequence[int | None], at: datetime
) -> None:
    """Write one coupon for each place of a range, with the template's terms of now.

    Their validity counts from when they were promised, for all ranges alike.
    """
    valid_from, expires_at = template.validity_at(batch.created_at)
    codes: set[str] = set()
    while len(codes) < len(members):
        codes.add(new_code())
    rows = [[code, member] for code, member in zip(codes, members, strict=True)]
    params = {
        "rows": json.dumps(rows),
        "template": template.pk,
        "batch": batch.pk,
        "conditions": json.dumps(conditions_of(template)),
        "valid_from": valid_from,
        "expires_at": expires_at,
        "issued_at": at,
        "key": "" if batch.has_codes else f"batch:{batch.pk}",
        "business_date": clock.business_date(at),
        "last_day": clock.last_valid_day(expires_at).isoformat() if expires_at else "",
    }
    execute_sql("benefits", "issue_coupons", params)
    if not batch.has_codes:
        execute_sql("benefits", "tell_of_issued_coupons", params)
