"""One row, or ten, of everything that operators see in a list."""

from datetime import date, timedelta
from decimal import Decimal

from analytics.jobs import measure_members
from analytics.models import (
    BehaviourEvent,
    CareTask,
    DailyFigure,
    HealthVersion,
    Kpi,
    LifetimeFit,
    MemberMetrics,
    MemberRun,
    SegmentRule,
    Target,
    WarningLevel,
)
from analytics.rules.health import DEFAULT_RULES, content_of
from benefits.models import (
    BirthdayGrant,
    BirthdayPerk,
    ClaimWindow,
    Coupon,
    CouponTemplate,
    Event,
    EventSession,
    Holiday,
    Reward,
    TierGift,
    TierGiftGrant,
)
from benefits.services.batches import issue_next, promise_codes, promise_to_segment
from benefits.services.events import publish_event
from benefits.services.issuing import issue_coupon
from benefits.services.redeeming import redeem_reward
from benefits.services.registrations import register_member
from benefits.services.sharing import open_group, share_coupon
from common.models import GuardCheck, JobRange, JobRun, JobStatus, LedgerProof
from loyalty.models import (
    Channel,
    EarningRule,
    Partner,
    PointType,
    ProductCategory,
    PurchaseImport,
    Tier,
    TierBenefit,
    TierChange,
)
from loyalty.services.activities import record_activity
from loyalty.services.adjustments import adjust_points, request_adjustment
from loyalty.services.ladder_changes.drafts import begin_draft
from loyalty.services.overrides import grant_override
from loyalty.services.points import earn_points
from loyalty.services.purchases import Line, record_purchase, record_refund
from members.models import ConsentText, Member, Segment, Tag, User
from members.services import add_to_segment
from members.services.announcements import write_announcement
from members.services.birthdays import give_birthday
from tests.factories import MemberFactory, StoreFactory
from tests.loyalty.programmes import full_programme, local
from tests.loyalty.redatings import preview

BOUGHT = local(2025, 3, 1, 12)
LINE = Line(sku="TEA", quantity=Decimal(2), unit_price=Decimal("300.00"), amount=Decimal("600.00"))


def programme() -> None:
    full_programme()


def rows(count: int, operator: User, *, first: int = 0) -> None:
    """So many more of each: a member with a purchase, a refund and an adjustment; runs; imports."""
    for number in range(first, first + count):
        member = _history(number, operator)
        night_run(number)
        lifetime_fit(number)
        _days(number)
        _configuration(number)
        _coupons(number, operator, member)
        _rewards(number, member)
        _gifts(member)
        _care(number, operator, member)
        _events(number, member)
        _announcement(number, operator)
        PurchaseImport.objects.create(source="till", file_name=f"{number}.csv", sha256=f"{number}")
        preview("24M", key=f"{number}", operator=operator, now=BOUGHT)
        begin_draft(operator=operator, reason=f"A fairer ladder {number}")


def _days(number: int) -> None:
    day = date(2025, 4, 1) + timedelta(days=number)
    DailyFigure.objects.create(business_date=day, facts_until=BOUGHT)
    Target.objects.create(kpi=Kpi.ORDERS, year=2025 + number, month=4, goal=Decimal(100))


def _history(number: int, operator: User) -> Member:
    member = MemberFactory(joined_at=local(2025, 1, 1), external_number=f"C{number}")
    purchase = record_purchase(
        source="till",
        external_id=f"P-{number}",
        at=BOUGHT,
        amount=Decimal("600.00"),
        member=member,
        store=StoreFactory(),
        lines=[LINE],
        now=BOUGHT,
    )
    record_refund(
        source="till",
        external_id=f"R-{number}",
        at=BOUGHT,
        amount=Decimal("60.00"),
        purchase=purchase,
        now=BOUGHT,
    )
    adjust_points(
        member=member, points=50, key="k", reason="A late parcel", operator=operator, now=BOUGHT
    )
    request_adjustment(
        member=member, points=900, key="w", reason="A lost parcel", maker=operator, now=BOUGHT
    )
    record_activity(member=member, kind="review", key=f"R-{number}", now=BOUGHT)
    grant_override(
        member=member,
        tier=Tier.objects.get(code="gold"),
        kind="operator",
        ends_at=local(2025, 9, 1),
        reason="A long wait",
        key="o",
        operator=operator,
        now=BOUGHT,
    )
    measure_members(date(2025, 4, 1), member.pk, member.pk)
    return member


def lifetime_fit(number: int) -> LifetimeFit:
    """A fit of the lifetime models, with a week on either side of its trial's end."""
    night = date(2025, 1, 1) + timedelta(days=7 * number)
    return LifetimeFit.objects.create(
        business_date=night,
        window_from=night - timedelta(days=14),
        calibration_end=night - timedelta(days=1),
        customers=2_357,
        returned=946,
        buyers=2_357,
        r=0.2426,
        alpha=4.4136,
        a=0.7929,
        b=2.4259,
        log_likelihood=-9582.43,
        p=6.25,
        q=3.744,
        gamma=15.44,
        spend_log_likelihood=-4055.92,
        trial_end=night - timedelta(days=8),
        weeks=[
            {
                "number": week,
                "ends_on": str(night - timedelta(days=15 - 7 * week)),
                "actual": 1_200 * week,
                "expected": 1_234.56,
                "is_held_out": week == 2,
            }
            for week in (1, 2)
        ],
    )


def night_run(number: int) -> JobRun:
    """A finished step of a night."""
    run = JobRun.objects.create(
        step="expire_points",
        business_date=date(2025, 1, 1) + timedelta(days=number),
        status=JobStatus.DONE,
        started_at=BOUGHT,
        finished_at=BOUGHT,
        ranges_total=1,
        ranges_done=1,
        counts={"lots": 3},
    )
    JobRange.objects.create(
        run=run,
        number=1,
        first_member_id=1,
        last_member_id=9,
        status=JobStatus.DONE,
        finished_at=BOUGHT,
    )
    GuardCheck.objects.create(
        name="expiry_volume",
        business_date=run.business_date,
        run=run,
        holds=False,
        figures={"due": 5, "forecast": None},
    )
    LedgerProof.objects.create(business_date=run.business_date, checks=16, violations=0)
    return run


def _configuration(number: int) -> None:
    kind = PointType.objects.create(code=f"kind-{number}", name_en=f"Kind {number}")
    EarningRule.objects.create(
        code=f"rule-{number}", name_en="Rule", point_type=kind, points=1, per_amount=Decimal(1)
    )
    ConsentText.objects.create(
        subject="phone", version=100 + number, text_en="Yes.", text_zh="好。"
    )
    bound = Decimal(20_000 + number)
    tier = Tier.objects.create(
        code=f"tier-{number}", name_en=f"Tier {number}", rank=10 + number, entry_spend=bound
    )
    for model in (Channel, Partner, ProductCategory, Segment, Tag):
        model.objects.create(code=f"thing-{number}", name_en=f"Thing {number}")
    TierBenefit.objects.create(tier=tier, kind="free_shipping", name_en=f"Parcels {number}")


def _announcement(number: int, operator: User) -> None:
    write_announcement(
        segment=Segment.objects.get(code=f"thing-{number}"),
        words={"title_en": "News", "title_zh": "新闻", "body_en": "Come.", "body_zh": "来吧。"},
        operator=operator,
        key=f"announcement-{number}",
    )


def _gifts(member: Member) -> None:
    tier = Tier.objects.by_rank().last()
    assert tier is not None
    perk = BirthdayPerk.objects.create(name_en="Birthday", tier=tier, kind="points", points=5)
    gift = TierGift.objects.create(name_en="Welcome", tier=tier, points=5)
    Holiday.objects.create(name_en="New Year", month=1, day=1, greeting_en="Happy new year!")
    entry = earn_points(member=member, points=5, key="birthday", now=BOUGHT)
    BirthdayGrant.objects.create(
        perk=perk,
        member=member,
        year=2025,
        celebrated_on=BOUGHT.date(),
        starts_on=BOUGHT.date(),
        ends_on=BOUGHT.date(),
        business_date=BOUGHT.date(),
        granted_at=BOUGHT,
        entry=entry,
    )
    change = TierChange.objects.filter(member=member).first()
    assert change is not None
    TierGiftGrant.objects.create(
        gift=gift, member=member, change=change, granted_at=BOUGHT, entry=entry
    )
    give_birthday(member=member, month=3, day=20, now=BOUGHT)


def _events(number: int, member: Member) -> None:
    event = Event.objects.create(name_en=f"Tasting {number}", place_en="Tea house")
    session = EventSession.objects.create(
        event=event, starts_at=local(2025, 5, 1, 12), ends_at=local(2025, 5, 1, 14), capacity=5
    )
    publish_event(event=event, now=BOUGHT)
    register_member(session=session, member=member, key="k", now=BOUGHT)


def _coupons(number: int, operator: User, member: Member) -> None:
    template = CouponTemplate.objects.create(
        code=f"coupon-{number}",
        name_en="Ten off",
        kind="amount_off",
        amount=Decimal(10),
        validity="30D",
    )
    coupon = issue_coupon(template=template, member=member, key="k", now=BOUGHT)
    batch = promise_codes(template=template, count=1, key="b", operator=operator, now=BOUGHT)
    issue_next(batch=batch, now=BOUGHT)
    segment = Segment.objects.create(code=f"coupon-{number}", name_en="Tasters")
    add_to_segment(segment=segment, cards=[member.card_number], on=BOUGHT.date())
    promise_to_segment(template=template, segment=segment, key="s", now=BOUGHT)
    _sharing(template, coupon)


def _sharing(template: CouponTemplate, coupon: Coupon) -> None:
    """The coupon is shared, and its member waits in a group for another."""
    template.friend_template = CouponTemplate.objects.create(
        code=f"friends-{template.pk}",
        name_en="For friends",
        kind="free_shipping",
        validity="30D",
        group_size=2,
        group_hours=24,
    )
    template.save(update_fields=["friend_template"])
    share_coupon(coupon=coupon, now=BOUGHT)
    lowest = Tier.objects.get(rank=0)
    offered = ClaimWindow(template=template.friend_template, tier=lowest, opens_at=BOUGHT)
    offered.save(force_insert=True)
    open_group(template=offered.template, member=coupon.member, key="k", now=BOUGHT)


def _rewards(number: int, member: Member) -> None:
    reward = Reward.objects.create(
        code=f"reward-{number}", name_en="Mug", kind="goods", points=10, stock=5
    )
    redeem_reward(reward=reward, member=member, key="k", now=local(2025, 4, 1))


def _care(number: int, operator: User, member: Member) -> None:
    """A level with a task, an event, a version that judged, and a segment that was computed."""
    level = WarningLevel.objects.create(
        name_en=f"Gone {number}", kind="no_purchase", threshold=1 + number, rank=1 + number,
        action_en="Call", owner=operator,
    )  # fmt: skip
    day = BOUGHT.date()
    CareTask.objects.create(
        member=member, level=level, owner=operator, opened_on=day, due_on=day,
        suggested_en="Call", threshold=1, money_365=Decimal(540),
    )  # fmt: skip
    BehaviourEvent.objects.create(
        member=member, name="page", page="/", at=BOUGHT, business_date=day
    )
    version = HealthVersion.objects.create(
        content=content_of(DEFAULT_RULES), reason="So it is", operator=operator, key=f"v{number}"
    )
    MemberMetrics.objects.filter(member=member).update(health_version=version, warning=level)
    rule = SegmentRule.objects.create(
        segment=Segment.objects.get(code=f"thing-{number}"), definition={}, is_active=False
    )
    kinds = {"segment": {"rule": rule}, "health": {"version": version}}
    for kind, about in kinds.items():
        MemberRun.objects.create(
            kind=kind, business_date=day, members_total=1, operator=operator, **about
        )  # fmt: skip
