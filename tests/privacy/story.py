"""A member of whom every table that may hold something of a member holds a row."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from analytics.models import CareTask, WarningLevel
from analytics.services.behaviour import Seen, decide_on_visits, record_behaviour
from benefits.jobs import answer_tier_changes, grant_birthday_perks
from benefits.models import TierGift
from benefits.services.batches import issue_next, promise_coupons
from benefits.services.checkout import reserve_coupons, use_coupons
from benefits.services.registrations import cancel_registration
from benefits.services.reward_orders import deliver_order, request_return, ship_order
from benefits.services.sharing import open_group, share_coupon
from benefits.services.voiding import void_coupon
from common.jobs.nights import run_nights
from loyalty.models import (
    DowngradeEvidence,
    PointsLot,
    PointsMoney,
    PointType,
    Purchase,
    StagedInvoice,
    StagedRow,
    Tier,
)
from loyalty.models.imports import PurchaseImport
from loyalty.services.activation import activate_pending
from loyalty.services.activities import check_in
from loyalty.services.adjustments import (
    adjust_points,
    approve_adjustment,
    request_adjustment,
)
from loyalty.services.lines import Line
from loyalty.services.multipliers import give_multiplier
from loyalty.services.overrides import grant_override
from loyalty.services.points import redeem_points
from loyalty.services.purchases import record_purchase, record_refund
from members.models import (
    Agreement,
    ConsentText,
    ContactCode,
    Member,
    NoticeDelivery,
    Segment,
    Tag,
    User,
)
from members.services import add_to_segment, record_consent, record_visit, tag_members
from members.services.birthdays import correct_birthday, give_birthday
from members.services.emails import follow_email
from members.services.erasure import cancel_erasure, request_erasure
from members.services.merging import merge_members, undo_merge
from tests.benefits.events import event, registered
from tests.benefits.offers import basket, coupon_for, offer, window
from tests.benefits.perks import perk
from tests.benefits.rewards import lottery, redeemed, reward
from tests.factories import MemberFactory, OperatorFactory, StoreFactory, member_with_login
from tests.loyalty.payments import buy_with, take
from tests.loyalty.programmes import earning_rule, full_programme, local

JOINED = local(2024, 1, 5, 12)
NOON = local(2025, 3, 14, 12)
BIRTHDAY = date(2025, 3, 20)
PHONE = "+8613800004242"


def whole_member() -> Member:
    """Everything that can happen to a member has, up to the morning of 21 March 2025."""
    base, _growth = full_programme(expiry="30D")
    earning_rule(base, code="check-in", trigger="check_in", points=5, per_amount=None, cap_day=5)
    PointsMoney.objects.create(is_offered=True)
    operator = OperatorFactory.create()
    member = _person(operator)
    _merged_for_a_while(member, operator)
    _points(member, base, operator)
    _tiers(member, operator)
    _benefits(member, operator)
    _care(member, operator)
    _traces(member, operator)
    run_nights(date(2025, 3, 21))
    return member


def _merged_for_a_while(member: Member, operator: User) -> None:
    """Somebody else was taken for the member once, and it was put right."""
    other = MemberFactory.create(joined_at=JOINED)
    adjust_points(member=other, points=10, key="start", reason="A start", now=JOINED)
    coupon_for(other, offer("mistaken"), now=JOINED)
    merge = merge_members(
        kept=member, merged=other, operator=operator, reason="林 twice", key="m", now=JOINED
    )
    undo_merge(merge=merge, operator=operator, reason="林 is another", now=JOINED)


def _person(operator: User) -> Member:
    member = member_with_login(
        joined_at=JOINED, external_number="C-4242", phone=PHONE, home_store=StoreFactory.create()
    )
    assert member.user is not None
    follow_email(member=member)
    UserSession.objects.create(
        user=member.user, session_key="林", ip="10.0.0.1", user_agent="Phone of 林", data={}
    )
    SocialAccount.objects.create(user=member.user, provider="weixin", uid="林", extra_data={})
    ContactCode.objects.create(
        user=member.user, purpose="change", channel="sms", address=PHONE, expires_at=JOINED
    )
    terms = ConsentText.objects.create(subject="terms", version=1, text_en="Fair", text_zh="公平")
    Agreement.objects.create(member=member, text=terms, language="en", at=JOINED, source="portal")
    give_birthday(member=member, month=3, day=19, now=JOINED)
    correct_birthday(
        member=member, operator=operator, reason="Mistyped", month=3, day=20, now=JOINED
    )
    for channel, is_granted in (("email", True), ("email", False), ("sms", True)):
        record_consent(
            member=member, channel=channel, is_granted=is_granted, source="till", at=JOINED
        )
    segment = Segment.objects.create(code="tea", name_en="Tea lovers")
    add_to_segment(segment=segment, cards=[member.card_number], on=date(2025, 1, 1))
    tag = Tag.objects.create(code="kind", name_en="Kind")
    tag_members(tag=tag, cards=[member.card_number], operator=operator)
    before = request_erasure(
        member=member, key="before", operator=operator, reason="林 wrote", now=JOINED
    )
    cancel_erasure(request=before, now=JOINED)
    member.refresh_from_db()
    return member


def _points(member: Member, base: PointType, operator: User) -> None:
    """Earned, expired, redeemed, corrected, activated, paid with, owed and forgiven."""
    lines = [Line("CUP-1", Decimal(1), Decimal(900), Decimal(900), description="A cup for 林")]
    first = _buy(member, "900.00", days=-60, lines=lines)
    back = replace(lines[0], amount=Decimal(90), quantity=Decimal("0.1"), of_line=1)
    record_refund(
        source="till",
        external_id="R-1",
        purchase=first,
        at=NOON - timedelta(days=50),
        amount=Decimal(90),
        lines=[back],
        now=NOON - timedelta(days=50),
    )
    adjust_points(
        member=member, points=40, key="kind", reason="A long wait", operator=operator, now=NOON
    )
    big = request_adjustment(
        member=member, points=3_000, key="big", reason="A wedding", maker=operator, now=NOON
    )
    approve_adjustment(request=big, checker=OperatorFactory.create(), note="Fine", now=NOON)
    request_adjustment(
        member=member, points=900, key="open", reason="A second", maker=operator, now=NOON
    )
    buy_with(take(member, "200.00", NOON, points=100), NOON)
    forgiven = _buy(member, "30.00", days=0)
    activate_pending(member=member, operator=operator, reason="Asked kindly", now=NOON)
    _forgive(member, base, forgiven)
    check_in(member=member, now=NOON)


def _forgive(member: Member, base: PointType, forgiven: Purchase) -> None:
    """A refund while points are spent, under the policy that forgives what is missing."""
    held = PointsLot.objects.for_member(member).spendable(NOON).points_left()
    redeem_points(member=member, points=held, key="all", reason="For 林", now=NOON)
    PointType.objects.filter(pk=base.pk).update(clawback=PointType.Clawback.FORGIVE)
    record_refund(
        source="till", external_id="R-2", purchase=forgiven, at=NOON, amount=Decimal(30), now=NOON
    )
    PointType.objects.filter(pk=base.pk).update(clawback=PointType.Clawback.DEBT)
    adjust_points(member=member, points=500, key="more", reason="Sorry", now=NOON)
    adjust_points(member=member, points=500, key="again", reason="Again", now=NOON)


def _buy(member: Member, amount: str, *, days: int, lines: list[Line] | None = None) -> Purchase:
    at = NOON + timedelta(days=days)
    return record_purchase(
        source="till",
        external_id=f"P{days}",
        at=at,
        amount=Decimal(amount),
        member=member,
        lines=lines or (),
        now=at,
    )


def _tiers(member: Member, operator: User) -> None:
    grant_override(
        member=member,
        kind="operator",
        steps=1,
        ends_at=NOON + timedelta(days=90),
        reason="A complaint",
        key="lift",
        operator=operator,
        now=NOON,
    )
    give_multiplier(
        member=member,
        factor=Decimal(2),
        ends_at=NOON + timedelta(days=90),
        key="double",
        name_en="For 林",
        now=NOON,
    )
    DowngradeEvidence.objects.create(
        member=member,
        tier=Tier.objects.get(code="silver"),
        valid_until=NOON + timedelta(days=90),
        business_date=NOON.date(),
        waiver="first_night",
    )


def _benefits(member: Member, operator: User) -> None:
    _events(member, operator)
    _coupons(member)
    _orders(member, operator)
    # Silver, lifted by one.
    perk(Tier.objects.get(code="gold"))
    grant_birthday_perks(BIRTHDAY, member.pk, member.pk)
    TierGift.objects.create(
        tier=Tier.objects.get(code="silver"), name_en="Hello", points=7, starts_on=date(2024, 1, 1)
    )
    answer_tier_changes(BIRTHDAY, member.pk, member.pk)


def _events(member: Member, operator: User) -> None:
    """A place that was called off with a reason, and one that is still to come."""
    times = {"starts_at": NOON + timedelta(days=20), "now": NOON}
    left = registered(member, event(**times), "left", now=NOON)
    cancel_registration(registration=left, operator=operator, reason="林 rang", now=NOON)
    registered(member, event(**times), "comes", now=NOON)


def _care(member: Member, operator: User) -> None:
    """What was looked at in the portal, and a task that an operator wrote a note on."""
    decide_on_visits(member=member, is_granted=True, now=NOON)
    seen = [Seen(name="page", page="/points/", target="more")]
    record_behaviour(member=member, events=seen, now=NOON)
    level = WarningLevel.objects.create(
        name_en="Quiet", kind="no_purchase", threshold=30, rank=1, action_en="Call"
    )
    CareTask.objects.create(
        member=member,
        level=level,
        opened_on=NOON.date(),
        due_on=NOON.date(),
        suggested_en="Call",
        threshold=30,
        money_365=Decimal(900),
        status="dismissed",
        ended_on=NOON.date(),
        note="林 is on holiday",
    )


def _coupons(member: Member) -> None:
    used = coupon_for(member, offer("used"))
    reserve_coupons(
        member=member, codes=[used.code], basket=basket("99.00"), checkout_key="c-1", now=NOON
    )
    use_coupons(member=member, checkout_key="c-1", now=NOON)
    void_coupon(coupon=coupon_for(member, offer("void")), reason="林 asked", now=NOON)
    shared = offer("share", friend_template=offer("friend"), friends_per_coupon=2)
    share_coupon(coupon=coupon_for(member, shared), now=NOON)
    group = offer("group", group_size=2, group_hours=24)
    window(group, Tier.objects.get(code="member"), opens_at=NOON)
    open_group(template=group, member=member, key="g", now=NOON)
    issue_next(batch=promise_coupons(template=offer("batch"), members=[member], key="b", now=NOON))


def _orders(member: Member, operator: User) -> None:
    sent = reward("bag", is_sent=True, points=50, return_days=30)
    returned = redeemed(member, sent, "back", deliver_to="林, 1 Tea Street")
    ship_order(order=returned, tracking_number="SF1", operator=operator, now=NOON)
    deliver_order(order=returned, operator=operator, now=NOON)
    request_return(order=returned, reason="Torn", now=NOON)
    redeemed(member, sent, "waits", deliver_to="林, 2 Tea Street")
    on_its_way = redeemed(member, sent, "goes", deliver_to="林, 3 Tea Street")
    ship_order(order=on_its_way, tracking_number="SF2", operator=operator, now=NOON)
    redeemed(member, lottery(), "draw")


def _traces(member: Member, operator: User) -> None:
    """What the site, the audit and imports keep."""
    record_visit(member=member, now=NOON)
    notice = member.notices.order_by("pk")[0]
    NoticeDelivery.objects.create(
        notice=notice, channel="email", status="failed", error="550 lin@example.com is unknown"
    )
    for row in (member, member.user):
        LogEntry.objects.create(
            user=operator,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(member),
            action_flag=CHANGE,
            change_message="Changed 林",
        )
    for name in (str(member.phone), str(member.email)):
        AccessAttempt.objects.create(username=name, ip_address="10.0.0.1", failures_since_start=1)
    run = PurchaseImport.objects.create(
        source="csv", file_name="f", sha256="0", status="done", started_at=NOON, touched_at=NOON
    )
    StagedInvoice.objects.create(
        run=run, number="1", kind="purchase", customer="C-4242", first_row=1
    )
    StagedRow.objects.create(run=run, row=1, invoice="1", kind="purchase", customer="C-4242")
