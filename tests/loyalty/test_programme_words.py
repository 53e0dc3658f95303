"""The programme in plain words, in both languages."""

from decimal import Decimal

import pytest
from django.utils import translation

from loyalty.models import Ladder, PointsMoney, Tier
from loyalty.programme_words import programme_words
from loyalty.services.presets import load_preset

pytestmark = pytest.mark.django_db


def words(language: str = "en") -> dict[str, list[str]]:
    with translation.override(language):
        return {chapter.title: chapter.lines for chapter in programme_words()}


def test_tell_a_whole_programme() -> None:
    load_preset(name="super")
    told = words()
    assert told["Kinds of points"] == [
        "Points: valid 12 months; those of a purchase are held for 7 days",
        "Growth points: never spent",
        "Honour points: never spent",
    ]
    assert "Members earn 1 growth point per ¥1" in told["Earning"]
    assert told["Tiers"] == [
        "Classic: everyone's; discount rate 0.98",
        "Premium: spend CN¥3,000.00, to enter and to stay; 1.2× points; discount rate 0.97",
        "VIP: 5,000 growth points, to enter and to stay; 1.5× points; discount rate 0.95",
    ]
    assert told["Validity of tiers"] == [
        "The last 12 months count",
        "Held 12 months, to the end of the month; 30 days of grace",
        "One step down",
    ]
    assert told["Points as money"] == [
        "100 points are worth ¥1, for up to 50% of purchases of at least ¥100, in multiples of 100"
    ]


def test_read_as_a_chinese_programme() -> None:
    load_preset(name="shop")
    told = words("zh-hans")
    assert told["积分类型"][0] == "积分（有效期：12 个月；消费所得冻结 7 天）"
    assert told["等级"] == [
        "普通会员：所有会员",
        "银牌会员：升级与保级均需消费 ¥1,000.00 或 60 个活跃天",
        "金牌会员：升级与保级均需消费 ¥5,000.00 或 150 个活跃天",
    ]
    assert told["等级有效期"][:2] == [
        "按最近 12 个月累计",
        "等级有效期：12 个月，顺延至月末；宽限期 30 天",
    ]
    assert told["积分抵现"] == ["积分只能兑换礼品，不能抵扣消费"]


def test_tell_what_staying_asks_where_it_is_less() -> None:
    load_preset(name="demo")
    assert words()["Tiers"][1] == "Silver: spend CN¥1,000.00 to enter, spend CN¥800.00 to stay"


@pytest.mark.parametrize(
    ("window", "sentence"),
    [
        ("6M", "The last 6 months count"),
        ("never", "What ever happened counts"),
        ("year", "What happens in the calendar year counts"),
        ("tier", "What happens since the tier was won or last kept counts"),
    ],
)
def test_tell_the_window(window: str, sentence: str) -> None:
    load_preset(name="plain")
    Ladder.objects.update(window=window, grace_days=1, downgrade="matching")
    assert words()["Validity of tiers"] == [
        sentence,
        "Held 12 months, to the end of the month; 1 day of grace",
        "Down to the tier that fits",
    ]


def test_follow_what_an_operator_changes() -> None:
    load_preset(name="super")
    PointsMoney.objects.update(points_per_money=200, maximum_share=Decimal("12.5"))
    Tier.objects.filter(code="premium").update(entry_orders=1, retention_orders=1)
    told = words()
    assert told["Points as money"][0].startswith("200 points are worth ¥1, for up to 12.5% of")
    assert "spend CN¥3,000.00 and 1 purchase, to enter and to stay" in told["Tiers"][1]
