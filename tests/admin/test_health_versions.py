"""Weights and thresholds of the health score: edited, previewed, applied, looked up."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from analytics.health_forms import CHAPTERS
from analytics.jobs import measure_members, work_on_runs
from analytics.models import HealthVersion, MemberMetrics
from analytics.rules.health import DEFAULT_RULES, NUMBER_RULES
from tests.analytics.worlds import lively_world
from tests.factories import OperatorFactory
from tests.loyalty.programmes import local

EDIT = "admin:analytics_healthversion_edit"
NIGHT = local(2025, 6, 15).date()


@pytest.fixture
def world(db: None) -> None:
    lively_world(NIGHT, members=12)
    measure_members(NIGHT, 1, 2**62)


def sent(desk: Client, **changes: Any) -> dict[str, Any]:
    """The page's data as a browser sends it back, with changes."""
    page = desk.get(reverse(EDIT))
    form, bands = page.context["form"], page.context["bands"]
    data = {name: form[name].value() for name in form.fields} | {"reason": "Fewer orders do"}
    for part in (bands.management_form, *bands):
        data |= {part.add_prefix(name): part[name].value() for name in part.fields}
    return {name: "" if value is None else value for name, value in (data | changes).items()}


def test_every_rule_is_on_the_page() -> None:
    assert {name for _h, names in CHAPTERS for name in names} == set(NUMBER_RULES)


def test_shows_what_is_in_force(desk: Client, world: None) -> None:
    data = sent(desk)
    for name in NUMBER_RULES:
        assert data[name] == getattr(DEFAULT_RULES, name), name
    assert (data["bands-1-from_score"], data["bands-1-name_zh"]) == (25, "一般")


def test_previews_then_applies(desk: Client, world: None) -> None:
    data = sent(desk, orders_full=1, money_full="10", **{"bands-1-from_score": 20})
    page = desk.post(reverse(EDIT), data)
    moves = page.context["moves"]
    assert moves.moved > 0
    assert f"{moves.moved} would change their band" in page.content.decode()
    assert not HealthVersion.objects.exists()
    back = desk.post(reverse(EDIT), {**data, "change": ""})
    assert back.context["moves"] is None
    assert back.context["form"]["orders_full"].value() == "1"
    done = desk.post(reverse(EDIT), {**data, "apply": ""}, follow=True).content.decode()
    assert "The version is in force." in done
    version = HealthVersion.objects.get()
    assert (version.rules.orders_full, version.rules.bounds) == (1, (20, 50, 75))
    work_on_runs()
    bands = dict.fromkeys(range(4), 0)
    for (_old, new), count in moves.bands.items():
        bands[new] += count
    found = [MemberMetrics.objects.filter(band=band).count() for band in bands]
    assert found == list(bands.values())
    # Sent twice it is one version.
    desk.post(reverse(EDIT), {**data, "apply": ""})
    assert HealthVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"spending_weight": 51}, "make 100 together"),
        ({"spending_weight": -1}, "greater than or equal to 0"),
        ({"orders_full": 0}, "greater than or equal to 1"),
        ({"money_full": "0"}, "greater than or equal to"),
        ({"money_full": "0.001"}, "no more than 2 decimal places"),
        ({"reason": ""}, "This field is required"),
        (
            {"index_value_weight": 0, "index_frequency_weight": 0, "index_order_weight": 0},
            "Something has to weigh",
        ),
        ({"bands-0-from_score": 1}, "Bands begin with a score of 0"),
        ({"bands-1-from_score": 50}, "each above the one before"),
        ({"bands-1-name_en": ""}, "A band has a score from which it begins and a name."),
        ({"bands-3-from_score": 101}, "less than or equal to 100"),
    ],
)
def test_says_what_does_not_fit(
    changes: dict[str, Any], words: str, desk: Client, world: None
) -> None:
    page = desk.post(reverse(EDIT), sent(desk, **changes))
    assert page.context["moves"] is None
    assert words in page.content.decode()


def test_refuses_what_is_in_force_already(desk: Client, world: None) -> None:
    page = desk.post(reverse(EDIT), {**sent(desk), "apply": ""}).content.decode()
    assert "in force already" in page
    assert not HealthVersion.objects.exists()


def test_a_version_shows_all_that_it_says(desk: Client, world: None) -> None:
    desk.post(reverse(EDIT), {**sent(desk, orders_full=7), "apply": ""})
    version = HealthVersion.objects.get()
    page = desk.get(reverse("admin:analytics_healthversion_change", args=[version.pk]))
    assert "Fewer orders do" in page.content.decode()
    assert "CN¥3,000.00" in page.content.decode()


def test_only_who_may_add_versions_edits(client: Client, world: None) -> None:
    reader = OperatorFactory(is_superuser=False)
    reader.user_permissions.add(Permission.objects.get(codename="view_healthversion"))
    client.force_login(reader)
    assert client.get(reverse("admin:analytics_healthversion_changelist")).status_code == 200
    assert client.get(reverse(EDIT)).status_code == 403


def test_a_members_figures_say_what_follows(desk: Client, world: None) -> None:
    found = MemberMetrics.objects.order_by("-health_score")[0]
    page = desk.get(reverse("admin:analytics_membermetrics_change", args=[found.pk]))
    text = page.content.decode()
    assert found.health_band.action_en in text
    listed = desk.get(reverse("admin:analytics_membermetrics_changelist"), {"quadrant": "silent"})
    quadrants = {row.quadrant for row in listed.context["cl"].result_list}
    assert quadrants == {"silent"}
