"""What a rule says, in both languages, word by word."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Model
from django.utils.translation import override

from loyalty.models import Channel, EarningRule, Partner, ProductCategory, RuleScope, Tier
from loyalty.sentences import rule_sentence
from members.models import Segment, Store

from .programmes import base_points, earning_rule, growth_points

pytestmark = pytest.mark.django_db

NAMES: dict[str, tuple[type[Model], str, str]] = {
    "gold": (Tier, "Gold", "金卡会员"),
    "diamond": (Tier, "Diamond", "钻石"),
    "silver": (Tier, "Silver", "银卡"),
    "everyone": (Tier, "Member", "会员"),
    "tea-lovers": (Segment, "Tea lovers", "茶友"),
    "nanjing": (Store, "Nanjing Road", "南京路店"),
    "jingan": (Store, "Jing'an", "静安店"),
    "app": (Channel, "the app", "小程序"),
    "hotel": (Partner, "Grand Hotel", "华贵酒店"),
    "tea": (ProductCategory, "tea", "茶叶"),
    "cake": (ProductCategory, "cake", "糕点"),
}
SORTS = {
    Tier: "tier",
    Segment: "segment",
    Store: "store",
    Channel: "channel",
    Partner: "partner",
    ProductCategory: "category",
}
DOUBLE: dict[str, Any] = {"points": 0, "per_amount": None, "factor": Decimal("2.000")}
VISIT: dict[str, Any] = {"trigger": "check_in", "points": 5, "per_amount": None}

TABLE: list[tuple[dict[str, Any], list[str], str, str]] = [
    ({}, [], "Members earn 1 point per ¥1", "会员每消费 ¥1 得 1 积分"),
    (
        {"points": 2, "weekdays": [5], "cap_day": 500},
        ["gold", "nanjing"],
        "Gold members earn 2 points per ¥1 on Saturdays at Nanjing Road, at most 500 a day",
        "金卡会员周六在南京路店每消费 ¥1 得 2 积分，每天最多 500",
    ),
    (
        {"per_amount": "10.00"},
        ["gold", "diamond"],
        "Gold and Diamond members earn 1 point per ¥10",
        "金卡和钻石会员每消费 ¥10 得 1 积分",
    ),
    (
        {"points": 3, "per_amount": "9.90"},
        ["silver", "gold", "diamond"],
        "Silver, Gold and Diamond members earn 3 points per ¥9.90",
        "银卡、金卡和钻石会员每消费 ¥9.90 得 3 积分",
    ),
    ({}, ["everyone"], "Members earn 1 point per ¥1", "会员每消费 ¥1 得 1 积分"),
    (
        {},
        ["everyone", "silver"],
        "Member and Silver members earn 1 point per ¥1",
        "会员和银卡会员每消费 ¥1 得 1 积分",
    ),
    (
        {"minimum_spend": Decimal(100)},
        [],
        "Members earn 1 point per ¥1 on purchases of at least ¥100",
        "会员单笔消费满 ¥100，每消费 ¥1 得 1 积分",
    ),
    (
        {"points": 2},
        ["tea"],
        "Members earn 2 points per ¥1 spent on tea",
        "会员购买茶叶，每消费 ¥1 得 2 积分",
    ),
    (
        {"points": 2, "minimum_spend": Decimal(50)},
        ["tea", "cake"],
        "Members earn 2 points per ¥1 spent on tea or cake, once it comes to ¥50",
        "会员单笔购买茶叶或糕点满 ¥50，每消费 ¥1 得 2 积分",
    ),
    (
        {"points": 20, "per_amount": None},
        [],
        "Members earn 20 points for a purchase",
        "会员每笔消费得 20 积分",
    ),
    (
        {"points": 1200, "per_amount": None, "minimum_spend": Decimal(1000)},
        ["app"],
        "Members earn 1,200 points for a purchase of at least ¥1,000 through the app",
        "会员通过小程序单笔消费满 ¥1,000 得 1,200 积分",
    ),
    (
        {"points": 20, "per_amount": None},
        ["tea", "hotel"],
        "Members earn 20 points for a purchase of tea with our partner Grand Hotel",
        "会员在合作伙伴华贵酒店处每次购买茶叶得 20 积分",
    ),
    (
        {"points": 20, "per_amount": None, "minimum_spend": Decimal(50)},
        ["tea"],
        "Members earn 20 points for a purchase with at least ¥50 of tea",
        "会员单笔购买茶叶满 ¥50 得 20 积分",
    ),
    (
        {**DOUBLE, "starts_on": date(2025, 11, 11), "ends_on": date(2025, 11, 11)},
        [],
        "Members earn 2× points on November 11, 2025",
        "会员2025年11月11日消费得 2 倍积分",
    ),
    (
        {**DOUBLE, "factor": Decimal("1.5"), "starts_on": date(2025, 11, 1)},
        ["tea"],
        "Members earn 1.5× points for a purchase of tea from November 1, 2025 on",
        "会员2025年11月1日起每次购买茶叶得 1.5 倍积分",
    ),
    (
        {**DOUBLE, "member_until": "30D", "ends_on": date(2025, 12, 31)},
        [],
        "Members in their first 30 days earn 2× points until December 31, 2025",
        "入会 30 天内的会员2025年12月31日前（含当天）消费得 2 倍积分",
    ),
    (
        {**DOUBLE, "factor": Decimal("1.1"), "member_from": "2Y"},
        [],
        "Members of more than 2 years earn 1.1× points",
        "入会超过 2 年的会员消费得 1.1 倍积分",
    ),
    (
        {"member_from": "1M", "member_until": "12M"},
        ["gold"],
        "Gold members of more than 1 month and at most 12 months earn 1 point per ¥1",
        "入会超过 1 个月、不超过 12 个月的金卡会员每消费 ¥1 得 1 积分",
    ),
    (
        {},
        ["gold", "tea-lovers"],
        "Gold members in the segment “Tea lovers” earn 1 point per ¥1",
        "“茶友”分群的金卡会员每消费 ¥1 得 1 积分",
    ),
    (
        {"weekdays": [0, 1, 2, 3, 4], "hour_from": time(18), "hour_to": time(22)},
        ["nanjing", "jingan"],
        "Members earn 1 point per ¥1 on Mondays to Fridays between 18:00 and 22:00 "
        "at Nanjing Road or Jing'an",
        "会员周一至周五 18:00–22:00 在南京路店或静安店每消费 ¥1 得 1 积分",
    ),
    (
        {"weekdays": [5, 6], "hour_from": time(22), "hour_to": time(2)},
        [],
        "Members earn 1 point per ¥1 on Saturdays and Sundays between 22:00 and 02:00 the next day",
        "会员周六和周日 22:00–次日 02:00 每消费 ¥1 得 1 积分",
    ),
    (
        {"weekdays": [0, 2, 4]},
        [],
        "Members earn 1 point per ¥1 on Mondays, Wednesdays and Fridays",
        "会员周一、周三和周五每消费 ¥1 得 1 积分",
    ),
    (VISIT, [], "Members earn 5 points for a check-in", "会员每次签到得 5 积分"),
    (
        {**VISIT, "points": 20, "streak_every": 7},
        [],
        "Members earn 20 points for every 7 check-ins in a row",
        "会员每连续签到 7 天得 20 积分",
    ),
    (
        {**VISIT, "trigger": "review", "points": 20, "cap_day": 60, "cap_month": 200},
        [],
        "Members earn 20 points for a review, at most 60 a day, 200 a month",
        "会员每次评价得 20 积分，每天最多 60，每月最多 200",
    ),
    (
        {**VISIT, "trigger": "referral", "points": 100, "cap_ever": 1000, "budget": 100_000},
        [],
        "Members earn 100 points for bringing a friend, at most 1,000 in all, "
        "as long as the 100,000 for everyone last",
        "会员每推荐一位好友得 100 积分，累计最多 1,000，全体会员共 100,000，送完为止",
    ),
    (
        {**VISIT, "trigger": "birthday", "points": 100},
        ["diamond"],
        "Diamond members earn 100 points for their birthday",
        "钻石会员生日得 100 积分",
    ),
    (
        {**DOUBLE, "trigger": "share"},
        [],
        "Members earn 2× points for sharing",
        "会员每次分享得 2 倍积分",
    ),
]


def limit(rule: EarningRule, codes: list[str]) -> EarningRule:
    for rank, code in enumerate(codes):
        model, name_en, name_zh = NAMES[code]
        details: dict[str, Any] = {"code": code, "name_en": name_en, "name_zh": name_zh}
        if model is Tier:
            details |= {"rank": rank, "entry_spend": rank or None}
        RuleScope.objects.create(
            rule=rule, **{SORTS[model]: model._default_manager.create(**details)}
        )
    return EarningRule.objects.with_words().get(pk=rule.pk)


def said(rule: EarningRule, language: str) -> str:
    with override(language):
        return rule_sentence(rule)


@pytest.mark.parametrize(("wording", "limits", "english", "chinese"), TABLE)
def test_reads_like_a_sentence(
    wording: dict[str, Any], limits: list[str], english: str, chinese: str
) -> None:
    rule = limit(earning_rule(base_points(), **wording), limits)
    assert said(rule, "en") == english
    assert said(rule, "zh-hans") == chinese


def test_names_the_kind_of_points() -> None:
    growth = growth_points(name_zh="成长值")
    growth.name_en = "Growth points"
    growth.save(update_fields=["name_en"])
    rule = limit(earning_rule(growth), [])
    assert said(rule, "en") == "Members earn 1 growth point per ¥1"
    assert said(rule, "zh-hans") == "会员每消费 ¥1 得 1 成长值"


def test_is_told_of_any_number_of_rules_in_two_queries(
    django_assert_num_queries: Any,
) -> None:
    kind = base_points()
    for number in range(3):
        rule = earning_rule(kind, code=f"rule-{number}")
        RuleScope.objects.create(rule=rule, store=Store.objects.create(code=f"S{number}"))
    with django_assert_num_queries(2):
        assert len({rule_sentence(rule) for rule in EarningRule.objects.with_words()}) == 1
