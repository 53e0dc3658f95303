"""Coupons among friends: a holder shares, friends take; a group fills and everyone gets one."""

from datetime import datetime, timedelta

from django.db import transaction

from benefits.errors import (
    CouponNotFound,
    GroupClosed,
    LimitReached,
    NoFriendOfOneself,
    NotShareable,
    OutOfStock,
)
from benefits.models import (
    Coupon,
    CouponCounter,
    CouponGroup,
    CouponGroupPlace,
    CouponShare,
    CouponTemplate,
)
from benefits.notices import tell_of_lapsed_group
from benefits.rules.codes import is_code, new_code, plain_code
from common import clock
from members.models import Member

from .issuing import check_open, claim_refusal, issue, issue_coupon


@transaction.atomic
def share_coupon(*, coupon: Coupon, now: datetime | None = None) -> CouponShare:
    """Make the link by which friends get one, or give the one there is.

    Refused: a coupon whose offer has nothing for friends, or that is used, over or withdrawn
    (NotShareable).
    """
    at = now or clock.now()
    coupon = Coupon.objects.locked().select_related("template").get(pk=coupon.pk)
    if shared := CouponShare.objects.filter(coupon=coupon).first():
        return shared
    if not is_shareable(coupon, at):
        raise NotShareable()
    return CouponShare.objects.create(coupon=coupon, code=new_code(), created_at=at)


@transaction.atomic
def take_shared(*, code: str, member: Member, now: datetime | None = None) -> Coupon:
    """Give a friend one coupon of the friends' offer; taken again, it is the same one.

    Refused: no such link, or one whose coupon was used or has ended (CouponNotFound), the holder
    themselves (NoFriendOfOneself), more friends than the offer allows (OutOfStock), and what
    `issue_coupon` refuses.
    """
    at = now or clock.now()
    share = shared_by(code)
    if share is None:
        raise CouponNotFound()
    source = share.coupon
    friends_offer = source.template.friend_template
    if source.member_id == member.pk:
        raise NoFriendOfOneself()
    # The lock of the friends' offer keeps one friend's two taps apart.
    if friends_offer is None:
        raise CouponNotFound()
    CouponTemplate.objects.locked().get(pk=friends_offer.pk)
    if taken := Coupon.objects.filter(shared_from=source, member=member).first():
        return taken
    if not is_shareable(source, at):
        raise CouponNotFound()
    places = CouponShare.objects.filter(pk=share.pk)
    if not places.take_place(most=source.template.friends_per_coupon):
        raise OutOfStock()
    return issue_coupon(
        template=friends_offer, member=member, key=f"share:{share.pk}", now=at, shared_from=source
    )


def shared_by(code: str) -> CouponShare | None:
    """The link of a code, with its coupon and what it is shared as."""
    links = CouponShare.objects.select_related(
        "coupon__template__friend_template", "coupon__member"
    )
    plain = plain_code(code)
    return links.filter(code=plain).first() if is_code(plain) else None


@transaction.atomic
def open_group(
    *, template: CouponTemplate, member: Member, key: str, now: datetime | None = None
) -> CouponGroup:
    """Begin a group with this member as its first; once for each key.

    Refused: an offer that is none for groups (CouponNotFound) or that the member may not claim
    now, and whoever would have more than a member may (LimitReached).
    """
    at = now or clock.now()
    template = CouponTemplate.objects.locked().get(pk=template.pk)
    if replayed := CouponGroup.objects.filter(template=template, opened_by=member, key=key).first():
        return replayed
    if template.group_size is None or template.group_hours is None:
        raise CouponNotFound()
    _check_may_join(template, member, at)
    group = CouponGroup.objects.create(
        template=template,
        code=new_code(),
        size=template.group_size,
        key=key,
        opened_by=member,
        opened_at=at,
        closes_at=at + timedelta(hours=template.group_hours),
    )
    _take_place(group, member, at)
    return group


@transaction.atomic
def join_group(*, group: CouponGroup, member: Member, now: datetime | None = None) -> CouponGroup:
    """Join a group; with its last member everyone gets their coupon. Again, it changes nothing.

    Refused: a group that is full or whose time is up (GroupClosed), whoever may not claim the
    offer now or would have more than a member may (LimitReached), and the last place of a group
    for which there is no stock left (OutOfStock).
    """
    at = now or clock.now()
    template = CouponTemplate.objects.locked().get(pk=group.template_id)
    if group.places.filter(member=member).exists():
        group.refresh_from_db()
        return group
    if not CouponGroup.objects.open(at).filter(pk=group.pk).exists():
        raise GroupClosed()
    _check_may_join(template, member, at)
    _take_place(group, member, at)
    if group.joined == group.size:
        _complete(group, template, at)
    return group


@transaction.atomic
def lapse_group(*, group: CouponGroup, now: datetime | None = None) -> bool:
    """Tell the members of a group whose time is up that it did not fill; once. Whether it did so.

    A group that is open, or was filled in time, is left alone.
    """
    at = now or clock.now()
    if not CouponGroup.objects.filter(pk=group.pk).due_to_lapse(at).update(lapsed_at=at):
        return False
    group.refresh_from_db(fields=["joined", "lapsed_at"])
    for member in _members_of(group):
        tell_of_lapsed_group(group, member, now=at)
    return True


def _members_of(group: CouponGroup) -> list[Member]:
    """Who joined and is still a member, in the order of locks."""
    joined = Member.objects.active().filter(coupon_groups__group=group)
    return list(joined.order_by("pk"))


def _check_may_join(template: CouponTemplate, member: Member, at: datetime) -> None:
    if refusal := claim_refusal(template, member, at):
        raise refusal
    check_open(template, at)
    limit = template.per_member_limit
    counter = CouponCounter.objects.filter(template=template, member=member).first()
    waiting = CouponGroup.objects.open(at).filter(template=template, places__member=member).count()
    if limit is not None and (counter.issued if counter else 0) + waiting >= limit:
        raise LimitReached(limit=limit)


def _take_place(group: CouponGroup, member: Member, at: datetime) -> None:
    if not CouponGroup.objects.filter(pk=group.pk).take_place(at):
        raise GroupClosed()
    CouponGroupPlace.objects.create(group=group, member=member, at=at)
    group.refresh_from_db()


def _complete(group: CouponGroup, template: CouponTemplate, at: datetime) -> None:
    """Give everyone theirs: all of them or, where the stock ends, nobody.

    Who has got as many as they may by another way meanwhile has what the group was for, and gets
    no more.
    """
    counters = CouponCounter.objects.filter(template=template)
    limit = template.per_member_limit
    full = counters.none() if limit is None else counters.filter(issued__gte=limit)
    full_ids = set(full.values_list("member", flat=True).filter(member__coupon_groups__group=group))
    members = [member for member in _members_of(group) if member.pk not in full_ids]
    if not CouponTemplate.objects.filter(pk=template.pk).take_stock(len(members)):
        raise OutOfStock()
    counters.open_for(template, [member.pk for member in members])
    counters.filter(member__in=members).count_up(most=limit)
    for member in members:
        issue(template, member, key=f"group:{group.pk}", at=at)
    group.completed_at = at
    group.save(update_fields=["completed_at"])


def is_shareable(coupon: Coupon, at: datetime) -> bool:
    """Whether friends can have one of its friends' offer: it is open, and its member's."""
    is_alive = coupon.is_open and not coupon.has_expired_at(at)
    return is_alive and coupon.template.is_shareable and coupon.member_id is not None
