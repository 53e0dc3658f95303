"""A member who has one of everything, so that every page of the portal has something to show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from benefits.models import (
    Coupon,
    CouponGroup,
    CouponShare,
    EventSession,
    Registration,
    Reward,
    RewardOrder,
)
from benefits.services import reward_orders, sharing
from benefits.services.events import set_event_picture
from benefits.services.issuing import claim_coupon
from benefits.services.redeeming import redeem_reward
from benefits.services.registrations import cancel_registration
from benefits.services.reward_pictures import set_reward_picture
from common import clock
from loyalty.jobs import notify_expiring_points
from loyalty.models import PointType, Tier
from loyalty.services.configuration import create_rule
from loyalty.services.points import earn_points
from members.models import Member, User
from tests.benefits import events as made
from tests.benefits.offers import offer, percent_offer, window
from tests.benefits.pictures import PNG
from tests.benefits.rewards import lottery, reward, reward_window
from tests.factories import MemberFactory


@dataclass(frozen=True)
class World:
    """What pages of single things are asked for."""

    member: Member
    coupon: Coupon
    share: CouponShare
    group: CouponGroup
    reward: Reward
    ready: RewardOrder
    pending: RewardOrder
    collected: RewardOrder
    session: EventSession
    seat: Registration
    kept: Registration


def world_of(member: Member, operator: User) -> World:
    """Points, coupons of every sort, rewards of every sort, orders and messages of a member."""
    now = clock.now()
    lowest = Tier.objects.by_rank()[0]
    notify_expiring_points(clock.today(), member.pk, member.pk)
    create_rule(
        code="visit",
        name_en="Check-in",
        points=5,
        trigger="check_in",
        point_type=PointType.objects.base(),
    )
    earn_points(member=member, points=3_000, key="world", now=now - timedelta(days=20))
    shared = offer("spring", stock=9, friend_template=offer("friend", amount=Decimal(5)))
    grouped = offer("group", group_size=3, group_hours=24)
    for template, opens_at in (
        (shared, now),
        (grouped, now),
        (offer("open"), now),
        (percent_offer("50", ceiling=Decimal(100)), now + timedelta(days=1)),
    ):
        window(template, lowest, opens_at)
    coupon = claim_coupon(template=shared, member=member, key="world")
    mug, tea = rewards(lowest)
    session, seat, kept = events_for(member)
    collected = reward_orders.make_order_ready(
        order=order(mug, member, "collected"), operator=operator
    )
    return World(
        member=member,
        coupon=coupon,
        share=sharing.share_coupon(coupon=coupon),
        group=sharing.open_group(template=grouped, member=member, key="world"),
        reward=tea,
        ready=reward_orders.make_order_ready(order=order(mug, member, "ready"), operator=operator),
        pending=order(mug, member, "pending"),
        collected=reward_orders.collect_order(
            order=collected, pickup_code=collected.pickup_code, operator=operator
        ),
        session=session,
        seat=seat,
        kept=kept,
    )


def events_for(member: Member) -> tuple[EventSession, Registration, Registration]:
    """One to register for with a picture and two sessions, a seat at another, and at a third the
    seat that became free for whoever waited."""
    now = clock.now()

    def event(name: str, capacity: int = 9, **details: object) -> EventSession:
        starts_at = now + timedelta(days=7)
        return made.event(capacity, now=now, starts_at=starts_at, name_en=name, **details)

    session = event("Spring tea", theme_en="Tea", points=300, description_en="Five new teas.")
    made.session_of(session.event, 3, now + timedelta(days=8))
    set_event_picture(event=session.event, content=PNG)
    table = event("The tea master's table", 1)
    others = made.registered(MemberFactory.create(), table, now=now)
    kept = made.waiting(member, table, now=now)
    cancel_registration(registration=others)
    return session, made.registered(member, event("Workshop"), "seat", now=now), kept


def rewards(lowest: Tier) -> tuple[Reward, Reward]:
    """A reward to redeem with a picture, and one on offer; besides, one that opens later, one out
    of reach, and a lottery."""
    mug = reward("mug", stock=12, description_en="Stoneware.", description_zh="粗陶。")
    set_reward_picture(reward=mug, content=PNG)
    week = clock.now() + timedelta(days=7)
    tea = reward(
        "tea",
        points=500,
        money=Decimal("9.90"),
        promotional_points=400,
        promotion_starts_at=clock.now(),
        promotion_ends_at=week,
        is_sent=True,
    )
    reward_window(reward("cup", points=100), lowest, week)
    reward("kettle", points=90_000)
    lottery()
    return mug, tea


def order(item: Reward, member: Member, key: str) -> RewardOrder:
    return redeem_reward(reward=item, member=member, points=item.points, key=key)


# The pages of single things, by the names of their routes. A new one belongs here.
ADDRESSES: dict[str, Callable[[World], dict[str, object]]] = {
    "coupon": lambda world: {"pk": world.coupon.pk},
    "shared_coupon": lambda world: {"code": world.share.code},
    "coupon_group": lambda world: {"code": world.group.code},
    "reward": lambda world: {"pk": world.reward.pk},
    "redeem": lambda world: {"pk": world.reward.pk},
    "reward_order": lambda world: {"pk": world.ready.pk},
    "cancel_reward_order": lambda world: {"pk": world.pending.pk},
    "return_reward": lambda world: {"pk": world.collected.pk},
    "event": lambda world: {"pk": world.session.event_id},
    "register_for_event": lambda world: {"pk": world.session.pk},
    "event_place": lambda world: {"pk": world.seat.pk},
    "accept_place": lambda world: {"pk": world.kept.pk},
    "cancel_place": lambda world: {"pk": world.seat.pk},
}
# Routes that show no page: pictures, files, what the browser fetches for itself.
NOT_PAGES = {
    "coupon_code",
    "coupon_bars",
    "reward_picture",
    "pickup_code",
    "event_picture",
    "event_ticket",
    "event_calendar",
}
