"""What the demo's operators decided: weights, targets, segments by conditions, an announcement."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from typing import Any

from django.db.models import Count, Sum

from analytics.models import Kpi, Target
from analytics.rules.health import DEFAULT_RULES
from analytics.rules.segments import parse_definition
from analytics.services.health import apply_health
from analytics.services.segments import write_rule
from loyalty.models import Purchase
from members.models import Member, Segment, User
from members.services.announcements import send_announcement, write_announcement
from members.services.announcing import ANNOUNCING

# A tea shop's guest spends less than the product's own scale, and comes to the portal less often.
SHOP_RULES = replace(DEFAULT_RULES, money_full=Decimal(2000), events_30_full=20, events_90_full=50)
# Rates in per cent that the operators want of every month.
RATES = {Kpi.REPURCHASE: Decimal(70), Kpi.MEMBER_SHARE: Decimal(80), Kpi.REDEMPTION: Decimal(20)}
# Sums grow by a tenth over those of the month before.
GROWTH = Decimal("1.1")
# For this month and so many before it: periods of 90 days have their targets whole.
MONTHS_BACK = 3

Condition = tuple[str, str, Any]
SEGMENTS: tuple[tuple[str, str, str, tuple[Condition, ...]], ...] = (
    (
        "good-but-gone",
        "Good guests who stay away",
        "久未光顾的好客人",
        (("money_365", "at_least", "800.00"), ("last_purchase_ago", "at_least", 45)),
    ),
    (
        "portal-friends",
        "Often in the portal",
        "常来看看的会员",
        (("interactions_30", "at_least", 3),),
    ),
)
NEWS = {
    "title_en": "The new harvest is here",
    "title_zh": "新茶到店",
    "body_en": "Eight teas have arrived. Taste them this weekend, before they are on sale.",
    "body_zh": "八款新茶已到店，本周末可先品后买，欢迎来店小坐。",
}
INVITATION = {
    "title_en": "We have missed you",
    "title_zh": "好久不见",
    "body_en": "It has been a while. Come by for a cup of tea, it is on us.",
    "body_zh": "有一阵子没见到您了，欢迎回来喝杯茶，我们请客。",
}


def weigh_health(operator: User) -> None:
    """A version of the health score that fits a shop of this size."""
    apply_health(
        rules=SHOP_RULES,
        reason="按小店客单价调整 Fitted to what guests of a small shop spend",
        operator=operator,
        key="demo",
    )


def set_targets(*, today: date) -> None:
    """Goals of this month and the last ones, from what the month before each came to."""
    months = [today.replace(day=1)]
    for _ in range(MONTHS_BACK):
        months.append(_month_before(months[-1]))
    Target.objects.bulk_create(
        Target(kpi=kpi, year=month.year, month=month.month, goal=goal)
        for month in months
        for kpi, goal in {**_sums_before(month), **RATES}.items()
        if goal > 0
    )


def write_segments(operator: User) -> None:
    """Segments that the nights compute."""
    for code, name_en, name_zh, conditions in SEGMENTS:
        segment = Segment.objects.create(code=code, name_en=name_en, name_zh=name_zh)
        group = {
            "match": "all",
            "conditions": [
                {"field": field, "operator": asked, "value": value}
                for field, asked, value in conditions
            ],
        }
        definition = parse_definition({"match": "all", "groups": [group]})
        write_rule(segment=segment, definition=definition, operator=operator)


def announce_news(operator: User) -> None:
    """One announcement that went out to the shop's tasters, and one that waits to be sent."""
    tasters = Segment.objects.get(code="tasters")
    news = write_announcement(segment=tasters, words=NEWS, operator=operator, key="demo-news")
    ANNOUNCING.work_on(send_announcement(announcement=news, operator=operator))
    missed = Segment.objects.get(code=SEGMENTS[0][0])
    write_announcement(segment=missed, words=INVITATION, operator=operator, key="demo-missed")


def _sums_before(month: date) -> dict[Kpi, Decimal]:
    before = _month_before(month)
    bought = Purchase.objects.filter(
        member__isnull=False, business_date__gte=before, business_date__lt=month
    ).aggregate(amount=Sum("amount"), orders=Count("pk"))
    joined = Member.objects.filter(joined_on__gte=before, joined_on__lt=month).count()
    sums = {
        Kpi.NET_REVENUE: bought["amount"] or Decimal(0),
        Kpi.ORDERS: Decimal(bought["orders"]),
        Kpi.JOINED: Decimal(joined),
    }
    return {kpi: (value * GROWTH).quantize(Decimal(1), ROUND_UP) for kpi, value in sums.items()}


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)
