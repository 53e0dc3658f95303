"""What a definition may say, what is refused, and how it reads in both languages."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from analytics.errors import DefinitionNotValid
from analytics.rules.segments import (
    CATALOGUE,
    CHAPTERS,
    OPERATORS,
    Kind,
    Match,
    parse_definition,
)
from analytics.segment_options import options_of
from analytics.segment_words import _TEMPLATES, sentence
from members.models import Tag


def one(field: Any, operator: Any, value: Any) -> dict[str, Any]:
    return {
        "match": "all",
        "groups": [
            {
                "match": "all",
                "conditions": [{"field": field, "operator": operator, "value": value}],
            }
        ],
    }


def test_reads_each_kind_of_value() -> None:
    def value(*asked: Any) -> object:
        return parse_definition(one(*asked)).groups[0].conditions[0].value

    assert value("orders", "at_least", 3) == 3
    assert value("money_90", "at_least", "12.50") == Decimal("12.5")
    assert value("churn", "at_most", "100") == 100
    assert value("joined_on", "on_or_after", "2025-02-28") == date(2025, 2, 28)
    assert value("bought", "is", False) is False
    assert value("tag", "none_of", ["a", "b", "a"]) == ("a", "b")


@pytest.mark.parametrize(
    "asked",
    [
        ("no_such", "at_least", 1),
        ("metrics__orders", "at_least", 1),
        ("user__password", "at_least", 1),
        (None, "at_least", 1),
        (["orders"], "at_least", 1),
        ("orders", "one_of", 1),
        ("orders", "gte", 1),
        ("orders", None, 1),
        ("orders", "at_least", -1),
        ("orders", "at_least", True),
        ("orders", "at_least", 1.5),
        ("orders", "at_least", "1"),
        ("orders", "at_least", 10**12),
        ("money", "at_least", 1),
        ("money", "at_least", "1.001"),
        ("money", "at_least", "-1"),
        ("money", "at_least", "NaN"),
        ("money", "at_least", "Infinity"),
        ("money", "at_least", "1e400"),
        ("churn", "at_least", "100.01"),
        ("joined_on", "on_or_after", "2025-02-29"),
        ("joined_on", "on_or_after", 20250101),
        ("bought", "is", "yes"),
        ("bought", "is", 1),
        ("tag", "one_of", []),
        ("tag", "one_of", "vip"),
        ("tag", "one_of", [1]),
        ("tag", "one_of", [""]),
        ("tag", "one_of", ["x" * 81]),
        ("tag", "one_of", [str(number) for number in range(51)]),
    ],
)
def test_refuses_what_the_catalogue_does_not_know(asked: tuple[Any, ...]) -> None:
    with pytest.raises(DefinitionNotValid) as refusal:
        parse_definition(one(*asked))
    assert refusal.value.details["place"] == "1.1"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"match": "all"},
        {"match": "all", "groups": []},
        {"match": "some", "groups": one("orders", "at_least", 1)["groups"]},
        {"match": ["all"], "groups": one("orders", "at_least", 1)["groups"]},
        {"match": "all", "groups": one("orders", "at_least", 1)["groups"] * 6},
        {"match": "all", "groups": [{"match": "all", "conditions": []}]},
        {"match": "all", "groups": [{"conditions": []}]},
        {"match": "all", "groups": [None]},
        {"match": "all", "groups": [{"match": "all", "conditions": [{"field": "orders"}]}]},
        {**one("orders", "at_least", 1), "more": 1},
    ],
)
def test_refuses_what_is_no_definition(data: Any) -> None:
    with pytest.raises(DefinitionNotValid):
        parse_definition(data)


def test_refuses_more_conditions_than_anybody_reads() -> None:
    group = {
        "match": "any",
        "conditions": [{"field": "orders", "operator": "at_least", "value": 1}] * 7,
    }
    parse_definition({"match": "all", "groups": [group] * 2})
    with pytest.raises(DefinitionNotValid, match="at most 20 conditions"):
        parse_definition({"match": "all", "groups": [group] * 3})


def test_is_kept_as_it_was_read() -> None:
    data = {
        "match": "any",
        "groups": [
            one("money_90", "at_least", "12.50")["groups"][0],
            one("joined_on", "on_or_before", "2025-01-01")["groups"][0],
            one("tag", "one_of", ["vip"])["groups"][0],
            one("bought", "is", True)["groups"][0],
        ],
    }
    definition = parse_definition(data)
    assert definition.match == Match.ANY
    assert definition.as_json() == data
    assert parse_definition(definition.as_json()) == definition


def test_every_field_is_in_a_chapter_and_has_operators() -> None:
    for field in CATALOGUE.values():
        assert field.chapter in CHAPTERS
        assert field.operators
        assert bool(field.options) is (field.kind == Kind.CHOICE)


@pytest.mark.django_db
def test_every_list_of_choices_is_there() -> None:
    for field in CATALOGUE.values():
        if field.options:
            assert isinstance(options_of(field.options), list)


@pytest.mark.django_db
def test_reads_as_a_sentence_in_both_languages() -> None:
    Tag.objects.create(code="vip", name_en="Guest of honour", name_zh="贵宾")
    definition = parse_definition(
        {
            "match": "all",
            "groups": [
                {
                    "match": "any",
                    "conditions": [
                        {"field": "money_90", "operator": "at_least", "value": "1500"},
                        {"field": "tag", "operator": "one_of", "value": ["vip", "gone"]},
                    ],
                },
                one("last_purchase_ago", "at_most", 30)["groups"][0],
                one("churn", "at_most", "12.5")["groups"][0],
                one("has_login", "is", False)["groups"][0],
            ],
        }
    )
    assert sentence(definition) == (
        "Members of whom it is true: (net spend of 90 days is at least CN¥1,500.00 or tag is one "
        "of Guest of honour, gone) and last purchase was at most 30 days ago and churn "
        "probability is at most 12.5% and has a login: no."
    )
    with translation.override("zh-hans"):
        assert sentence(definition) == (
            "符合以下条件的会员：（近 90 天净消费不低于 ¥1,500.00，或者标签属于贵宾、gone），"
            "并且最近消费距今不超过 30 天，并且流失概率不高于 12.5%，并且有登录账号：否。"
        )


def test_every_way_of_asking_has_words() -> None:
    for kind, operators in OPERATORS.items():
        assert {(kind, operator) for operator in operators} <= set(_TEMPLATES)


@pytest.mark.django_db
def test_a_sentence_of_one_group_has_no_brackets() -> None:
    data = one("orders", "at_least", 3)
    data["groups"][0]["conditions"] += one("orders", "at_most", 9)["groups"][0]["conditions"]
    assert sentence(parse_definition(data)) == (
        "Members of whom it is true: orders is at least 3 and orders is at most 9."
    )
