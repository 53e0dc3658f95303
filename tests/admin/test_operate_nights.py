"""Operators act on nights on form pages, and hear on every page when a night needs them."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from common.jobs.nights import run_nights
from common.jobs.scheduler import tick
from common.models import GuardCheck, GuardConfirmation, JobAttempt, JobRun, LedgerProof
from members.models import User
from tests.factories import OperatorFactory
from tests.loyalty.programmes import local
from tests.nights import steps
from tests.nights.fixtures import nights_fixture, use_steps  # noqa: F401

NIGHT = date(2025, 3, 1)
ACTS = ("resume", "run_again", "confirm")


@pytest.fixture(autouse=True)
def traveller(nights: Any) -> Any:
    use_steps(nights, "greet", "spend", "announce")
    with time_machine.travel(local(2025, 3, 1, 2), tick=False) as traveller:
        yield traveller


def run_of(step: str) -> JobRun:
    return JobRun.objects.get(step=step)


def page(act: str, step: str) -> str:
    return reverse(f"admin:common_jobrun_{act}", args=[run_of(step).pk])


def shown(desk: Client, address: str) -> str:
    return desk.get(address).content.decode()


def night_page() -> str:
    return reverse("admin:common_jobrun_night", args=[NIGHT.isoformat()])


def failed() -> None:
    steps.cursed.add(15)
    run_nights(NIGHT)
    steps.cursed.clear()


def held() -> None:
    steps.world.price = 150
    run_nights(NIGHT)


def text_of(desk: Client) -> str:
    return shown(desk, reverse("admin:members_store_changelist"))


# What may be done


def test_resumes_a_failed_step(desk: Client, operator: User) -> None:
    failed()
    assert "get another go" in shown(desk, page("resume", "greet"))
    assert desk.post(page("resume", "greet"), {"key": "k"}).status_code == 302
    assert JobAttempt.objects.get().operator == operator
    assert run_nights(NIGHT).is_complete
    assert "A cursed member." in shown(
        desk, reverse("admin:common_jobrun_change", args=[run_of("greet").pk])
    )


def test_runs_a_step_again(desk: Client, operator: User) -> None:
    run_nights(NIGHT)
    assert "Nothing is done twice" in shown(desk, page("run_again", "greet"))
    assert desk.post(page("run_again", "greet"), {"key": "k"}).status_code == 302
    assert run_of("greet").status == "pending"
    assert JobAttempt.objects.get().operator == operator


def test_confirms_what_a_guard_holds_with_its_figures(desk: Client, operator: User) -> None:
    held()
    steps.world.price = 1_234
    assert "price: 1,234" in shown(desk, page("confirm", "spend"))
    assert desk.post(page("confirm", "spend"), {"key": "k"}).status_code == 302
    word = GuardConfirmation.objects.get()
    assert (word.operator, word.by, word.figures) == (operator, "li.wei", {"price": 1_234})
    assert run_nights(NIGHT).is_complete
    assert "confirmed" in shown(desk, reverse("admin:common_guardcheck_changelist"))


def test_confirms_a_jump_of_the_date(desk: Client) -> None:
    run_nights(NIGHT - timedelta(days=40))
    tick(send=lambda _: None)
    address = reverse("admin:common_guardcheck_confirm", args=[GuardCheck.objects.latest("pk").pk])
    assert address in text_of(desk)
    assert "nights owed: 40" in shown(desk, address)
    assert desk.post(address, {"key": "k"}).status_code == 302
    assert "nights are owed" not in text_of(desk)
    sent: list[int] = []
    tick(send=sent.append)
    assert len(sent) == 3


@pytest.mark.parametrize(
    ("prepare", "fitting"), [(failed, "resume"), (held, "confirm"), (None, "run_again")]
)
def test_shows_only_the_button_that_fits(desk: Client, prepare: Any, fitting: str) -> None:
    (prepare or (lambda: run_nights(NIGHT)))()
    step = "spend" if fitting == "confirm" else "greet"
    found = shown(desk, reverse("admin:common_jobrun_change", args=[run_of(step).pk]))
    assert [act for act in ACTS if page(act, step) in found] == [fitting]


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        ("resume", "there is nothing to resume"),
        ("confirm", "Nothing waits for this confirmation"),
    ],
)
def test_says_why_a_late_form_does_nothing(desk: Client, act: str, refusal: str) -> None:
    run_nights(NIGHT)
    response = desk.post(page(act, "greet"), {"key": "k"})
    assert (response.status_code, refusal in response.content.decode()) == (200, True)
    assert not JobAttempt.objects.exists()


@pytest.mark.parametrize("act", ACTS)
def test_is_not_for_operators_who_only_look(client: Client, act: str) -> None:
    run_nights(NIGHT)
    client.force_login(OperatorFactory(is_superuser=False))
    assert client.post(page(act, "greet"), {"key": "k"}).status_code == 403
    assert client.get(night_page()).status_code == 403
    assert not JobAttempt.objects.exists()


# The page of a night


def test_shows_a_night_in_the_order_of_its_steps(desk: Client) -> None:
    failed()
    found = shown(desk, night_page())
    assert found.index(">greet<") < found.index(">spend<") < found.index(">announce<")
    assert '<span style="width: 66%"></span></span> 2 / 3' in found
    assert "<summary>Members 11 – 20: RuntimeError: A cursed member.</summary>" in found
    assert page("resume", "greet") in found


def test_says_what_a_guard_holds(desk: Client) -> None:
    held()
    found = shown(desk, night_page())
    assert "price: 150" in found
    assert page("confirm", "spend") in found


@pytest.mark.parametrize(("status", "seconds"), [("running", "5"), ("pending", None)])
def test_renews_itself_only_while_something_runs(
    desk: Client, status: str, seconds: str | None
) -> None:
    failed()
    JobRun.objects.filter(step="greet").update(status=status)
    run = reverse("admin:common_jobrun_change", args=[run_of("greet").pk])
    for address in (night_page(), run, reverse("admin:common_jobrun_changelist")):
        assert desk.get(address).headers.get("Refresh") == seconds, address


@pytest.mark.parametrize("day", ["2025-03-02", "yesterday", "2025-02-30"])
def test_knows_no_night_that_never_was(desk: Client, day: str) -> None:
    run_nights(NIGHT)
    address = reverse("admin:common_jobrun_night", args=[day])
    assert desk.get(address).status_code == 404


def test_costs_the_same_for_one_failed_range_and_for_three(
    desk: Client, django_assert_num_queries: Any
) -> None:
    failed()
    desk.get(night_page())
    with django_assert_num_queries(7):
        desk.get(night_page())
    JobRun.objects.get(step="greet").ranges.update(
        status="failed", error="ValueError: bent", finished_at=local(2025, 3, 1, 2)
    )
    with django_assert_num_queries(7):
        desk.get(night_page())


# Alerts on every page


def test_is_silent_while_the_nights_are_well(desk: Client) -> None:
    run_nights(NIGHT)
    assert 'class="alerts"' not in text_of(desk)


def test_says_what_has_failed(desk: Client) -> None:
    failed()
    found = text_of(desk)
    assert "“greet” of March 1, 2025 has failed" in found
    assert reverse("admin:common_jobrun_change", args=[run_of("greet").pk]) in found


def test_says_what_is_held_and_falls_silent_once_confirmed(desk: Client) -> None:
    held()
    assert "“spend” of March 1, 2025 is held" in text_of(desk)
    desk.post(page("confirm", "spend"), {"key": "k"})
    assert "is held" not in text_of(desk)


def test_says_what_is_overdue(desk: Client, traveller: Any) -> None:
    run_nights(NIGHT)
    traveller.shift(timedelta(days=1, hours=1))
    assert "The night of March 2, 2025 is overdue" in text_of(desk)


def test_says_that_the_ledger_is_broken(desk: Client) -> None:
    run_nights(NIGHT)
    rows = [
        {
            "subject": "account",
            "id": 7,
            "account": 7,
            "what": "balance",
            "expected": "5",
            "found": "6",
        }
    ]
    proof = LedgerProof.objects.create(
        business_date=NIGHT,
        checks=16,
        violations=1,
        findings=[{"id": "I01", "violations": 1, "sample": rows}],
    )
    address = reverse("admin:common_ledgerproof_change", args=[proof.pk])
    assert address in text_of(desk)
    found = shown(desk, address)
    assert "account 7 (account 7): balance: 6, not 5" in found
    assert "Per account, balance − debt is the sum of the entries." in found


def test_asks_the_database_only_now_and_then(desk: Client, django_assert_num_queries: Any) -> None:
    failed()
    text_of(desk)
    with django_assert_num_queries(3):
        assert "has failed" in text_of(desk)


def test_tells_those_only_who_may_see_the_nights(client: Client) -> None:
    failed()
    client.force_login(OperatorFactory(is_superuser=False))
    assert "has failed" not in shown(client, reverse("admin:index"))
