"""The rule editor: preview, versions, copies, campaigns, dry runs and what caps have used."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from loyalty.models import Channel, EarningRule, PointType, ProductCategory, Tier
from loyalty.services.configuration import create_rule, revise_rule
from loyalty.services.purchases import record_purchase
from members.models import Segment, Store, User
from tests.factories import MemberFactory, OperatorFactory, StoreFactory
from tests.loyalty.programmes import base_points, local, spend_tiers

NOON = local(2025, 11, 11, 12)
ADD = "admin:loyalty_earningrule_add"


@pytest.fixture
def base(db: None) -> PointType:
    return base_points()


@pytest.fixture
def gold(db: None) -> Tier:
    tier = spend_tiers()[2]
    tier.name_zh = "金卡会员"
    tier.save(update_fields=["name_zh"])
    return tier


@pytest.fixture
def store(db: None) -> Store:
    return StoreFactory.create(name_en="Nanjing Road", name_zh="南京路店")


def text(client: Client, address: str, **query: str) -> str:
    return client.get(address, query).content.decode()


def page(name: str, *args: object) -> str:
    return reverse(f"admin:loyalty_earningrule_{name}", args=args)


def wording(base: PointType, **words: Any) -> dict[str, Any]:
    return {
        "code": "saturday",
        "name_en": "Gold Saturdays",
        "point_type": base.pk,
        "trigger": "purchase",
        "points": "2",
        "per_amount": "1",
        **words,
    }


def everything(base: PointType, gold: Tier, store: Store) -> dict[str, Any]:
    """Every field of the form, filled in."""
    segment = Segment.objects.create(code="tea", name_en="Tea lovers")
    channel = Channel.objects.create(code="app", name_en="App")
    category = ProductCategory.objects.create(code="tea", name_en="Tea")
    return wording(
        base,
        name_zh="金卡周六",
        tiers=[gold.pk],
        segments=[segment.pk],
        stores=[store.pk],
        channels=[channel.pk],
        categories=[category.pk],
        minimum_spend="50",
        member_from="30D",
        member_until="2Y",
        starts_on="2025-11-01",
        ends_on="2025-11-30",
        hour_from="18:00",
        hour_to="22:00",
        weekdays=["5"],
        cap_day="500",
        cap_month="1000",
        cap_ever="2000",
        budget="9000",
        group="bonus",
        priority="3",
    )


def test_previews_in_both_languages_and_saves_nothing(
    desk: Client, base: PointType, gold: Tier, store: Store
) -> None:
    words = wording(base, tiers=[gold.pk], stores=[store.pk], weekdays=["5"], cap_day="500")
    shown = desk.post(reverse(ADD), {**words, "preview": "1"}).content.decode()
    assert (
        "Gold members earn 2 points per ¥1 on Saturdays at Nanjing Road, at most 500 a day" in shown
    )
    assert "金卡会员周六在南京路店每消费 ¥1 得 2 积分，每天最多 500" in shown
    assert not EarningRule.objects.exists()


def test_adds_a_rule_with_everything(
    desk: Client, operator: User, base: PointType, gold: Tier, store: Store
) -> None:
    answer = desk.post(reverse(ADD), everything(base, gold, store))
    rule = EarningRule.objects.get()
    assert answer["Location"] == page("change", rule.pk)
    assert (rule.written_by, rule.weekdays, rule.priority) == (operator, [5], 3)
    assert [str(scope) for scope in rule.scopes.order_by("pk")] == [
        "Gold",
        "Tea lovers",
        "Nanjing Road",
        "App",
        "Tea",
    ]
    assert LogEntry.objects.get().object_id == str(rule.pk)


def test_a_new_version_begins_with_everything(
    desk: Client, base: PointType, gold: Tier, store: Store
) -> None:
    words = everything(base, gold, store)
    desk.post(reverse(ADD), words)
    rule = EarningRule.objects.get()
    form = desk.get(page("revise", rule.pk)).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in shown.items() if value not in (None, "")}
    assert set(sent) == set(words) - {"code"}
    desk.post(page("revise", rule.pk), {**words, "points": "3"})
    newest = EarningRule.objects.get(is_current=True)
    assert (newest.version, newest.points, newest.scopes.count()) == (2, 3, 5)
    told = text(desk, page("change", newest.pk))
    assert "<del>2</del> → <ins>3</ins>" in told


def test_a_copy_begins_with_everything_but_the_code(
    desk: Client, base: PointType, gold: Tier, store: Store
) -> None:
    desk.post(reverse(ADD), everything(base, gold, store))
    rule = EarningRule.objects.get()
    form = desk.get(page("copy", rule.pk), follow=True).context["form"]
    assert (form["code"].value(), form["cap_ever"].value()) == (None, 2000)
    assert form["stores"].value() == [store.pk]


def test_refuses_kindly_and_keeps_what_was_typed(desk: Client, base: PointType) -> None:
    words = wording(base, starts_on="2025-11-12", ends_on="2025-11-11", name_zh="双十一")
    shown = desk.post(reverse(ADD), words).content.decode()
    assert "The last day lies before the first: change one of them." in shown
    assert "双十一" in shown
    desk.post(reverse(ADD), wording(base))
    again = desk.post(reverse(ADD), wording(base, points="9")).content.decode()
    assert "There is a rule “saturday” already" in again
    assert EarningRule.objects.count() == 1


def test_offers_no_new_version_of_an_old_one(desk: Client, base: PointType) -> None:
    desk.post(reverse(ADD), wording(base))
    old = EarningRule.objects.get()
    revise_rule(rule=old, points=3)
    shown = text(desk, page("change", old.pk))
    assert page("copy", old.pk) in shown
    assert page("revise", old.pk) not in shown
    assert page("retire", old.pk) not in shown


@time_machine.travel(NOON, tick=False)
def test_begins_a_campaign_as_a_double_points_day(desk: Client, base: PointType) -> None:
    form = desk.get(page("new_campaign"), follow=True).context["form"]
    words = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in words.items() if value not in (None, "")}
    desk.post(f"{reverse(ADD)}?preset=campaign", {**sent, "point_type": base.pk})
    rule = EarningRule.objects.get()
    day = date(2025, 11, 12)
    assert (rule.factor, rule.starts_on, rule.ends_on) == (Decimal(2), day, day)
    assert "Upcoming" in text(desk, page("changelist"))


@pytest.mark.parametrize(
    ("state", "codes"),
    [
        ("", {"always", "over", "now", "later"}),
        ("running", {"always", "now"}),
        ("upcoming", {"later"}),
        ("over", {"over"}),
        ("campaigns", {"over", "now", "later"}),
        ("all", {"always", "over", "now", "later"}),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_finds_rules_by_their_state(
    desk: Client, base: PointType, state: str, codes: set[str]
) -> None:
    dates: dict[str, tuple[date | None, date | None]] = {
        "always": (None, None),
        "over": (None, date(2025, 11, 10)),
        "now": (date(2025, 11, 11), date(2025, 11, 11)),
        "later": (date(2025, 11, 12), None),
    }
    for code, (first, last) in dates.items():
        rule = create_rule(
            code=code, name_en=code, point_type=base, points=1, starts_on=first, ends_on=last
        )
        if code == "always":
            revise_rule(rule=rule, points=2)
    found = desk.get(page("changelist"), {"state": state} if state else {}).context["cl"]
    assert {rule.code for rule in found.result_list} == codes
    assert len(found.result_list) == len(codes) + (state == "all")


def test_shows_what_a_budget_has_used(desk: Client, base: PointType) -> None:
    rule = create_rule(
        code="rule", name_en="Rule", point_type=base, points=1, per_amount=Decimal(1), budget=1000
    )
    record_purchase(
        source="till",
        external_id="1",
        at=NOON,
        amount=Decimal(250),
        member=MemberFactory.create(),
        now=NOON,
    )
    assert "of 1,000 points used (25 %)" in text(desk, page("change", rule.pk))


def test_tries_an_imagined_purchase(desk: Client, base: PointType, store: Store) -> None:
    create_rule(code="plain", name_en="Plain", point_type=base, points=1, per_amount=Decimal(1))
    create_rule(
        code="saturday",
        name_en="Saturdays",
        point_type=base,
        points=5,
        weekdays=[5],
        cap_day=5,
    )
    member = MemberFactory.create(joined_at=local(2025, 1, 1))
    asked = {"member": member.card_number, "amount": "60", "time": "12:00", "store": str(store.pk)}
    with CaptureQueriesContext(connection) as captured:
        shown = text(desk, page("dry_run"), on="2025-11-11", **asked)
    # PostgreSQL reads long lists by a cursor that it declares.
    assert {query["sql"].split()[0] for query in captured} - {"DECLARE"} == {"SELECT"}
    assert "Only on Saturdays; this was on a Tuesday." in shown
    assert "+60" in shown
    saturday = text(desk, page("dry_run"), on="2025-11-15", **asked)
    assert "+5" in saturday
    assert "Only on Saturdays" not in saturday


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"member": "nobody at all", "amount": "5"}, "No member is found for “nobody at all”."),
        ({"amount": ""}, "Say how much is paid."),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"amount": "10", "amount_1": "4"}, "The lines add up to CN¥4.00"),
        ({"amount": "10", "member": "王小明"}, "Several members are found"),
    ],
)
def test_refuses_what_cannot_be_tried(
    desk: Client, base: PointType, query: dict[str, str], words: str
) -> None:
    ProductCategory.objects.create(code="tea", name_en="Tea")
    for _ in range(2):
        MemberFactory.create(family_name="王", given_name="小明")
    shown = text(desk, page("dry_run"), on="2025-11-11", time="12:00", **query)
    assert words in shown
    assert "dry-run-" not in shown.split("</form>")[-1]


def test_tries_a_recorded_purchase_again(desk: Client, base: PointType) -> None:
    rule = create_rule(
        code="rule", name_en="Rule", point_type=base, points=1, per_amount=Decimal(1), cap_day=150
    )
    purchase = record_purchase(
        source="till",
        external_id="P-1",
        at=NOON,
        amount=Decimal(100),
        member=MemberFactory.create(),
        now=NOON,
    )
    revise_rule(rule=rule, points=2)
    button = reverse("admin:loyalty_purchase_dry_run", args=[purchase.pk])
    assert button in text(desk, reverse("admin:loyalty_purchase_change", args=[purchase.pk]))
    shown = text(desk, button)
    assert "capped from 200" in shown
    assert "version 2" in shown
    assert "as it was earned" in shown


@pytest.mark.parametrize("name", ["add", "dry_run", "new_campaign"])
def test_asks_for_permission(client: Client, base: PointType, name: str) -> None:
    client.force_login(OperatorFactory.create(is_superuser=False))
    assert client.get(page(name)).status_code == 403


def test_lets_a_reader_write_nothing(client: Client, base: PointType) -> None:
    rule = create_rule(code="rule", name_en="Rule", point_type=base, points=1)
    reader = OperatorFactory.create(is_superuser=False)
    reader.user_permissions.add(Permission.objects.get(codename="view_earningrule"))
    client.force_login(reader)
    assert client.get(page("change", rule.pk)).status_code == 200
    assert client.get(page("dry_run")).status_code == 200
    for name in ("revise", "retire", "copy"):
        assert client.post(page(name, rule.pk), {"points": "5"}).status_code == 403
    assert client.post(reverse(ADD), wording(base)).status_code == 403
    assert EarningRule.objects.count() == 1
