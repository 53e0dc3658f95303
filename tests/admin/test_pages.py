"""Every page of the operators' side answers an operator, and nobody else."""

from copy import deepcopy
from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.admin.dashboards import DASHBOARDS
from analytics.models import DailyFigure, LifetimeFit, MemberMetrics
from common.models import GuardCheck, JobRun, LedgerProof
from loyalty.models import (
    Activity,
    AdjustmentRequest,
    EarningRule,
    LadderDraft,
    PointsEntry,
    PointsLot,
    Purchase,
    RedateRun,
    Refund,
    TierBenefit,
    TierChange,
)
from loyalty.services.purchases import record_purchase
from members.models import Announcement, Member, Segment, Tag, User
from tests.factories import OperatorFactory, member_with_login
from tests.sharing import shared

from .rows import BOUGHT, programme, rows

OURS = {"common", "members", "loyalty", "benefits", "analytics", "auth"}
LEDGER = (
    AdjustmentRequest,
    PointsEntry,
    PointsLot,
    Purchase,
    Refund,
    TierChange,
    Member,
    JobRun,
    GuardCheck,
    LedgerProof,
    LifetimeFit,
    MemberMetrics,
    DailyFigure,
)


def our_models() -> list[type[Model]]:
    return [model for model in admin.site._registry if model._meta.app_label in OURS]


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def pages(user: User) -> list[str]:
    found = [reverse("admin:index")]
    for model in our_models():
        found.append(address(model, "changelist"))
        if row := model._default_manager.first():
            found.append(address(model, "change", row.pk))
    found.append(address(Member, "adjust", Member.objects.earliest("pk").pk))
    found.append(address(Member, "as_of", Member.objects.earliest("pk").pk))
    found.append(address(Member, "activate", Member.objects.earliest("pk").pk))
    found.append(address(PointsLot, "activate", PointsLot.objects.earliest("pk").pk))
    found.append(address(Member, "use_points", Member.objects.earliest("pk").pk))
    found.append(address(Purchase, "refund", Purchase.objects.earliest("pk").pk))
    found.append(address(PointsEntry, "give_back", PointsEntry.objects.earliest("pk").pk))
    found.append(address(PointsLot, "forecast"))
    found.append(address(RedateRun, "new"))
    run = RedateRun.objects.earliest("pk").pk
    for page in ("confirm", "withdraw", "resume", "progress"):
        found.append(address(RedateRun, page, run))
    found.append(address(Announcement, "new"))
    written = Announcement.objects.earliest("pk").pk
    for page in ("send", "withdraw", "resume", "copy", "progress"):
        found.append(address(Announcement, page, written))
    found.append(address(LifetimeFit, "value"))
    found.append(address(MemberMetrics, "figures"))
    found.append(address(MemberMetrics, "suggestions", Member.objects.earliest("pk").pk))
    found.append(address(DailyFigure, "dashboards"))
    found += [address(DailyFigure, "dashboard", name) for name in DASHBOARDS]
    found += [address(DailyFigure, "quadrant", name) for name in MemberMetrics.Quadrant.values]
    found.append(address(LadderDraft, "new"))
    draft = LadderDraft.objects.earliest("pk").pk
    for page in ("write", "preview", "apply", "discard", "resume", "progress"):
        found.append(address(LadderDraft, page, draft))
    asked = AdjustmentRequest.objects.waiting().earliest("pk").pk
    for deed in ("approve", "reject", "withdraw"):
        found.append(address(AdjustmentRequest, deed, asked))
    run = JobRun.objects.earliest("pk")
    found.append(address(JobRun, "night", run.business_date.isoformat()))
    found += [address(JobRun, deed, run.pk) for deed in ("resume", "run_again", "confirm")]
    found.append(address(GuardCheck, "confirm", GuardCheck.objects.earliest("pk").pk))
    rule = EarningRule.objects.earliest("pk").pk
    found += [address(EarningRule, deed, rule) for deed in ("revise", "retire", "copy")]
    found += [address(EarningRule, page) for page in ("add", "new_campaign", "dry_run")]
    found.append(address(Purchase, "dry_run", Purchase.objects.earliest("pk").pk))
    found.append(address(Activity, "record"))
    for model in (Segment, Tag):
        row = model.objects.earliest("pk").pk
        found += [address(model, "put", row), address(model, "take", row)]
    return found


def one_of_each() -> User:
    operator: User = OperatorFactory(username="li.wei")
    programme()
    rows(1, operator)
    return operator


world = shared(one_of_each)


@pytest.fixture
def operator(world: User, db: None) -> User:
    """Who wrote a row of each list, before the first test."""
    return deepcopy(world)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_answers_an_operator(language: str, desk: Client, operator: User) -> None:
    for page in pages(operator):
        response = desk.get(page, follow=True, headers={"accept-language": language})
        assert response.status_code == 200, page


def test_sends_strangers_to_sign_in_and_refuses_members(client: Client, operator: User) -> None:
    found = pages(operator)
    for page in found:
        response = client.get(page, follow=True)
        assert response.redirect_chain[-1][0].startswith(reverse("account_login")), page
    user = member_with_login().user
    assert user is not None
    client.force_login(user)
    for page in found:
        assert client.get(page, follow=True).status_code == 403, page


def test_lets_nobody_write_the_ledger(desk: Client, operator: User) -> None:
    for model in LEDGER:
        row = model._default_manager.earliest("pk")
        assert desk.get(address(model, "add")).status_code == 403, model
        assert desk.post(address(model, "change", row.pk), {}).status_code == 403, model
        deleted = desk.post(address(model, "delete", row.pk), {"post": "yes"})
        assert deleted.status_code == 403, model
        assert model._default_manager.filter(pk=row.pk).exists(), model


def test_deletes_nothing(desk: Client, operator: User) -> None:
    for model in our_models():
        row = model._default_manager.first()
        # What a tier brings is named by no fact: it may go.
        if model._meta.app_label == "loyalty" and row is not None and model is not TierBenefit:
            response = desk.post(address(model, "delete", row.pk), {"post": "yes"})
            assert response.status_code == 403, model
    assert LogEntry.objects.count() == 0


def test_shows_the_first_page_only_what_the_operator_may_see(db: None, client: Client) -> None:
    client.force_login(OperatorFactory(is_superuser=False))
    page = client.get(reverse("admin:index")).content.decode()
    assert "Find a member" not in page
    assert "Last night" not in page
    assert "Latest by operators" not in page


def test_shows_what_a_member_holds(desk: Client, operator: User) -> None:
    member = Member.objects.get()
    page = desk.get(address(Member, "change", member.pk)).content.decode()
    for text in (
        "Silver",
        "590",
        "540",
        "+600",
        "−60",
        "+50",
        "A late parcel",
        "P-0",
        "A lost parcel",
        "+900",
    ):
        assert text in page, text


@pytest.mark.parametrize("purchases", [0, 9])
def test_costs_the_same_for_a_member_with_ten_purchases(
    purchases: int, desk: Client, operator: User
) -> None:
    member = Member.objects.get()
    for number in range(purchases):
        record_purchase(
            source="till",
            external_id=f"M-{number}",
            at=BOUGHT,
            amount=Decimal(10),
            member=member,
            now=BOUGHT,
        )
    page = address(Member, "change", member.pk)
    desk.get(page)
    with CaptureQueriesContext(connection) as captured:
        desk.get(page)
    # One of them whether the member was merged into another.
    assert len(captured) == 16


@pytest.mark.parametrize("object_id", ["abc", "1%00", "1.5", "９９x"])
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_finds_nothing_under_an_id_that_can_be_none(
    desk: Client, object_id: str, page: str
) -> None:
    for model in our_models():
        names = model._meta.app_label, model._meta.model_name
        there = reverse("admin:{}_{}_changelist".format(*names))
        assert desk.get(f"{there}{object_id}/{page}/").status_code == 404, model
