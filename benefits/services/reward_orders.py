"""What happens to an order: handed over, cancelled, returned; each step once."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from benefits.errors import (
    EditionNotExchangeable,
    OrderFinal,
    OrderNotPossible,
    PickupCodeWrong,
    ReturnClosed,
    RewardSoldOut,
    TrackingMissing,
)
from benefits.models import Reward, RewardCounter, RewardOrder, RewardOrderStep
from benefits.notices import tell_of_order
from benefits.rules.codes import new_code, plain_code
from common import clock
from loyalty.services.ledger import check_reason, lock_base_account
from loyalty.services.points import restore_rest
from members.models import User

from .reasons import said_reason

Status = RewardOrder.Status
HANDED_OVER = (Status.DELIVERED, Status.COLLECTED)


@transaction.atomic
def ship_order(
    *, order: RewardOrder, tracking_number: str, operator: User, now: datetime | None = None
) -> RewardOrder:
    """Goods to be sent are on their way, under a tracking number that the member reads."""
    number = tracking_number.strip()
    if not number:
        raise TrackingMissing()
    order = _locked(order)
    if not order.deliver_to:
        raise OrderNotPossible(status=order.get_status_display())
    return _move(
        order, [Status.PENDING], Status.SHIPPED, _at(now), operator, tracking_number=number
    )


@transaction.atomic
def make_order_ready(
    *, order: RewardOrder, operator: User, now: datetime | None = None
) -> RewardOrder:
    """What is not sent can be collected, with a pick-up code that the member is told."""
    order = _locked(order)
    if order.deliver_to:
        raise OrderNotPossible(status=order.get_status_display())
    return _move(order, [Status.PENDING], Status.READY, _at(now), operator, pickup_code=new_code())


@transaction.atomic
def deliver_order(
    *, order: RewardOrder, operator: User, now: datetime | None = None
) -> RewardOrder:
    """What was sent has arrived."""
    return _move(_locked(order), [Status.SHIPPED], Status.DELIVERED, _at(now), operator)


@transaction.atomic
def collect_order(
    *, order: RewardOrder, pickup_code: str, operator: User, now: datetime | None = None
) -> RewardOrder:
    """Hand over to whoever shows the pick-up code. Refused: another code (PickupCodeWrong)."""
    order = _locked(order)
    if order.pickup_code and plain_code(pickup_code) != order.pickup_code:
        raise PickupCodeWrong()
    return _move(order, [Status.READY], Status.COLLECTED, _at(now), operator)


@transaction.atomic
def cancel_order(
    *,
    order: RewardOrder,
    operator: User | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> RewardOrder:
    """Call an order off: points into their lots, the piece into the stock; again changes nothing.

    A member may while it is being prepared; an operator, with a reason, until it is handed over.
    Refused: coupons and draws (OrderFinal), anything later (OrderNotPossible).
    """
    said = said_reason(reason) if operator else reason.strip()
    lock_base_account(order.member)
    order = _locked(order)
    if order.status == Status.CANCELLED:
        return order
    if not order.reward.is_handed_over:
        raise OrderFinal()
    return _give_back(
        order,
        [Status.PENDING, Status.READY] if operator else [Status.PENDING],
        Status.CANCELLED,
        pieces=0,
        operator=operator,
        reason=said,
        at=_at(now),
    )


@transaction.atomic
def abandon_order(*, order: RewardOrder, now: datetime | None = None) -> RewardOrder:
    """Call off what nobody has handed over, because its member is being erased.

    Like `cancel_order`, and without a word to the member. Refused: anything later.
    """
    lock_base_account(order.member)
    return _give_back(
        _locked(order),
        [Status.PENDING, Status.READY],
        Status.CANCELLED,
        pieces=0,
        operator=None,
        reason="",
        at=_at(now),
    )


@transaction.atomic
def request_return(*, order: RewardOrder, reason: str, now: datetime | None = None) -> RewardOrder:
    """A member wants to return goods that they have, and says why; again changes nothing.

    Refused: what is no goods (OrderFinal), not handed over yet (OrderNotPossible), or had for
    longer than the reward's days to return it (ReturnClosed).
    """
    at, said = _at(now), said_reason(reason)
    order = _locked(order)
    if order.status == Status.RETURN_REQUESTED:
        return order
    if order.reward.kind != Reward.Kind.GOODS:
        raise OrderFinal()
    if order.status in HANDED_OVER and not is_returnable(order, at):
        raise ReturnClosed()
    return _move(order, HANDED_OVER, Status.RETURN_REQUESTED, at, note=said)


def is_returnable(order: RewardOrder, at: datetime) -> bool:
    """Whether its member may ask to return it now: in time, and for the first time."""
    until = order.changed_at + timedelta(days=order.reward.return_days)
    is_goods = order.reward.kind == Reward.Kind.GOODS
    if not is_goods or order.status not in HANDED_OVER or at >= until:
        return False
    return not order.steps.filter(status=Status.RETURN_REQUESTED).exists()


@transaction.atomic
def decline_return(
    *, order: RewardOrder, operator: User, reason: str, now: datetime | None = None
) -> RewardOrder:
    """The member keeps what they wanted to return, and reads why."""
    order, said = _locked(order), said_reason(reason)
    kept = Status.COLLECTED if order.pickup_code else Status.DELIVERED
    return _move(order, [Status.RETURN_REQUESTED], kept, _at(now), operator, note=said)


@transaction.atomic
def exchange_order(
    *,
    order: RewardOrder,
    operator: User,
    is_restocked: bool = False,
    reason: str = "",
    now: datetime | None = None,
) -> RewardOrder:
    """Another piece goes out for the returned one, which goes back into the stock or does not.

    Refused: numbered pieces (EditionNotExchangeable), where none is left (RewardSoldOut).
    """
    check_reason(reason)
    order = _locked(order)
    if order.status == Status.EXCHANGED:
        return order
    if order.edition is not None:
        raise EditionNotExchangeable()
    pieces = 1 if is_restocked else 2
    order = _move(
        order,
        [Status.RETURN_REQUESTED],
        Status.EXCHANGED,
        _at(now),
        operator,
        note=reason.strip(),
        pieces=pieces,
    )
    if not is_restocked and not Reward.objects.filter(pk=order.reward_id).take():
        raise RewardSoldOut()
    return order


@transaction.atomic
def restore_order(
    *,
    order: RewardOrder,
    operator: User,
    is_restocked: bool = False,
    reason: str = "",
    now: datetime | None = None,
) -> RewardOrder:
    """The points of a returned order go back into their lots, the piece into the stock or not."""
    check_reason(reason)
    lock_base_account(order.member)
    order = _locked(order)
    if order.status == Status.RESTORED:
        return order
    return _give_back(
        order,
        [Status.RETURN_REQUESTED],
        Status.RESTORED,
        pieces=0 if is_restocked else 1,
        operator=operator,
        reason=reason.strip(),
        at=_at(now),
    )


def _at(now: datetime | None) -> datetime:
    return now or clock.now()


def _locked(order: RewardOrder) -> RewardOrder:
    orders = RewardOrder.objects.select_related("reward", "member", "entry__account__point_type")
    return orders.locked().get(pk=order.pk)


def _give_back(
    order: RewardOrder,
    sources: Collection[str],
    target: Status,
    *,
    pieces: int,
    operator: User | None,
    reason: str,
    at: datetime,
) -> RewardOrder:
    """Restore an order's points under the account's lock; the reward's row moves last.

    What was given back by hand before does not come back again.
    """
    if order.status not in sources:
        raise OrderNotPossible(status=order.get_status_display())
    entry = restore_rest(
        redemption=order.entry,
        key=f"reward-order:{order.pk}",
        reason=order.reward.name,
        operator=operator,
        now=at,
    )
    order = _move(
        order, sources, target, at, operator, note=reason, pieces=pieces, restored_by=entry
    )
    counter = RewardCounter.objects.filter(reward=order.reward_id, member=order.member_id)
    counter.count_down()
    if not pieces:
        Reward.objects.filter(pk=order.reward_id).give_back(1)
    return order


def _move(
    order: RewardOrder,
    sources: Collection[str],
    target: Status,
    at: datetime,
    operator: User | None = None,
    *,
    note: str = "",
    **values: Any,
) -> RewardOrder:
    """One step by one conditional update, written down and told; taken before, it is no step."""
    if order.status == target:
        return order
    was = order.status
    open_row = RewardOrder.objects.filter(pk=order.pk, status__in=sources)
    if not open_row.update(status=target, changed_at=at, **values):
        raise OrderNotPossible(status=order.get_status_display())
    for name, value in (values | {"status": target, "changed_at": at}).items():
        setattr(order, name, value)
    step = RewardOrderStep.objects.create(
        order=order, status=target, at=at, operator=operator, note=note
    )
    if operator:
        tell_of_order(order, step, was=was)
    return order
