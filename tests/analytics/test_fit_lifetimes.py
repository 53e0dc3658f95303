"""The programme's own lifetime models: fitted when due, kept with their trial, or refused."""

import json
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from pytest_django import Settings

from analytics.jobs import fit_lifetimes
from analytics.lifetime import fit_lifetime
from analytics.models import LifetimeFit, LifetimeRefusal
from analytics.rules.histories import histories_until
from analytics.services.lifetime import fit_programme
from common import clock
from loyalty.models import Purchase, Refund
from tests.loyalty.programmes import local

from .shopping import programme, shop_at_random, shopper

pytestmark = pytest.mark.django_db

START = date(2024, 1, 1)
NIGHT = date(2025, 1, 1)


def night(day: date) -> dict[str, int]:
    return fit_lifetimes(day, 0, 0)


def command(*options: str) -> str:
    out = StringIO()
    call_command("lifetime_value", *options, stdout=out)
    return out.getvalue()


def test_fits_what_members_bought_before_the_night() -> None:
    programme()
    shop_at_random(150, start=START, weeks=60)
    assert night(NIGHT) == {"members": 150}
    fit = LifetimeFit.objects.get()
    days: dict[int, dict[date, Any]] = {}
    for purchase in Purchase.objects.filter(business_date__lt=NIGHT):
        paid = days.setdefault(purchase.member_id or 0, {})
        paid[purchase.business_date] = paid.get(purchase.business_date, 0) + purchase.amount
    apart = fit_lifetime(histories_until(days.values(), date(2024, 12, 31)))
    kept = {name: getattr(fit, name) for name in apart.parameters()}
    assert kept == pytest.approx(apart.parameters(), rel=1e-6)
    assert (fit.customers, fit.returned, fit.buyers) == (150, apart.returned, 150)
    assert fit.window_from == min(min(bought) for bought in days.values())
    assert fit.calibration_end == date(2024, 12, 31)


def test_tries_the_model_on_the_last_thirteen_weeks() -> None:
    programme()
    shop_at_random(150, start=START, weeks=60)
    fit = fit_programme(night=NIGHT)
    assert fit.trial_end is not None
    held_out = [week for week in fit.weeks if week["is_held_out"]]
    assert len(held_out) == 13
    assert len(fit.weeks) == (NIGHT - fit.window_from).days // 7
    assert date.fromisoformat(held_out[0]["ends_on"]) - fit.trial_end == timedelta(days=7)
    later = Purchase.objects.filter(
        business_date__gt=fit.trial_end, business_date__lte=held_out[-1]["ends_on"]
    )
    known = Purchase.objects.filter(business_date__lte=fit.trial_end).values("member")
    days = later.filter(member__in=known).values("member", "business_date").distinct()
    assert sum(week["actual"] for week in held_out) == days.count()


def test_counts_spend_net_of_refunds() -> None:
    programme()
    shop_at_random(150, start=START, weeks=60)
    before = fit_programme(night=NIGHT)
    Refund.objects.bulk_create(
        Refund(
            purchase=purchase,
            member=purchase.member,
            source="till",
            external_id=purchase.external_id,
            at=purchase.at,
            business_date=purchase.business_date,
            amount=round(purchase.amount / 2, 2),
        )
        for purchase in Purchase.objects.all()
    )
    after = fit_programme(night=NIGHT)
    assert (after.r, after.a) == (before.r, before.a)
    halved = after.p * after.gamma / (after.q - 1)
    assert halved == pytest.approx(before.p * before.gamma / (before.q - 1) / 2, rel=1e-3)


@pytest.mark.parametrize(("days", "is_due"), [(6, False), (7, True), (8, True)])
def test_is_due_a_week_after_the_last_fit(days: int, is_due: bool) -> None:
    programme()
    shop_at_random(150, start=START, weeks=60)
    night(NIGHT)
    assert bool(night(NIGHT + timedelta(days=days))) is is_due
    assert LifetimeFit.objects.count() == 1 + is_due


def test_refuses_too_little_in_words_and_tries_again_a_week_later() -> None:
    programme()
    shop_at_random(10, start=START, weeks=60)
    assert night(NIGHT) == {"refused": 1}
    assert night(NIGHT + timedelta(days=6)) == {}
    assert night(NIGHT + timedelta(days=7)) == {"refused": 1}
    refusal = LifetimeRefusal.objects.earliest("pk")
    assert refusal.business_date == NIGHT
    assert str(refusal) == (
        "A lifetime model takes the purchases of at least 50 customers; these are of 10."
    )
    assert not LifetimeFit.objects.exists()


def test_refuses_a_programme_without_purchases() -> None:
    shopper()
    assert night(NIGHT) == {"refused": 1}
    assert LifetimeRefusal.objects.get().details == {"customers": 0, "fewest": 50}


def test_looks_at_one_member_in_so_many_where_they_are_many(settings: Settings) -> None:
    programme()
    members = shop_at_random(300, start=START, weeks=60)
    settings.LIFETIME_FIT_MEMBERS = 150
    fit = fit_programme(night=NIGHT)
    assert fit.customers == sum(member.pk % 2 == 0 for member in members) == 150
    assert fit.buyers == 300


@pytest.mark.parametrize(("days", "held_out"), [(153, 7), (272, 12), (273, 13), (300, 13)])
def test_holds_out_a_third_of_a_short_history(days: int, held_out: int) -> None:
    programme()
    shop_at_random(300, start=START, weeks=2)
    shop_at_random(300, start=START, weeks=60)
    first = Purchase.objects.earliest("business_date").business_date
    fit = fit_programme(night=first + timedelta(days=days))
    assert sum(week["is_held_out"] for week in fit.weeks) == held_out
    assert fit.trial_end is not None


def test_a_fit_is_never_changed() -> None:
    programme()
    shop_at_random(150, start=START, weeks=60)
    fit = fit_programme(night=NIGHT)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        LifetimeFit.objects.filter(pk=fit.pk).update(r=1.0)


def test_the_command_fits_the_programme_and_keeps_it() -> None:
    programme()
    shop_at_random(150, start=START, weeks=60)
    with time_machine.travel(local(2025, 1, 1, 9), tick=False):
        answer = json.loads(command("--json"))
        fit = LifetimeFit.objects.get()
        assert answer["version"] == fit.pk
        assert (answer["r"], answer["gamma"]) == (fit.r, fit.gamma)
        assert answer["calibration_end"] == "2024-12-31"
        assert "  customers\n" in command("--calibration-end", "2024-11-30")
        assert LifetimeFit.objects.until(clock.today()).first() == fit
        with pytest.raises(CommandError, match="That day is not over yet"):
            command("--calibration-end", "2025-01-01")


def test_the_command_wants_a_format_with_a_file_only() -> None:
    with pytest.raises(CommandError, match="go together"):
        command("orders.txt")
    with pytest.raises(CommandError, match="go together"):
        command("--format", "cdnow-sample")
    with pytest.raises(CommandError, match="at least 50 customers"):
        command()
