"""Operators re-date points: form, preview, confirmation, progress, result and file."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common.csv_files import harmless
from loyalty.models import LotChange, PointsLot, PointType, RedateRun
from loyalty.services.redating.applying import apply_redating
from members.models import User
from tests.factories import OperatorFactory
from tests.loyalty.ledgers import lots_of, member_with_points
from tests.loyalty.programmes import base_points


@pytest.fixture
def kind(db: None) -> PointType:
    """Two members with 140 points in three lots, valid for 12 months."""
    kind = base_points(expiry="12M")
    member_with_points(100, 30, at=None)
    member_with_points(10, at=None)
    return kind


def page(name: str, run: RedateRun | None = None) -> str:
    return reverse(f"admin:loyalty_redaterun_{name}", args=[run.pk] if run else [])


def sent(kind: PointType, **values: Any) -> dict[str, Any]:
    return {"key": "k", "point_type": kind.pk, "expiry": "24m", "reason": "A gift", **values}


def test_previews_confirms_applies_and_tells(desk: Client, operator: User, kind: PointType) -> None:
    for _ in range(2):
        assert desk.post(page("new"), sent(kind)).status_code == 302
    run = RedateRun.objects.get()
    text = desk.get(page("change", run)).content.decode()
    assert "140" in text
    assert "points in 3 lots of 2 members" in text
    assert "Nothing has changed yet." in text
    asked = desk.get(page("confirm", run)).content.decode()
    assert "3 lots of 2 members with 140 points get a new last valid day." in asked
    assert not LotChange.objects.exists()
    assert desk.post(page("confirm", run), {"key": "c"}).status_code == 302
    assert 'hx-trigger="every 2s"' in desk.get(page("change", run)).content.decode()
    run.refresh_from_db()
    apply_redating(run)
    done = desk.get(page("progress", run))
    assert done.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in done.content.decode()
    assert (run.operator, run.status, run.applied["points"]) == (operator, "done", 140)


def test_gives_the_changes_as_a_file(desk: Client, kind: PointType) -> None:
    desk.post(page("new"), sent(kind))
    run = RedateRun.objects.get()
    desk.post(page("confirm", run), {"key": "c"})
    run.refresh_from_db()
    apply_redating(run)
    response = desk.get(page("changes", run))
    rows = b"".join(response).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert response.headers["Content-Disposition"] == f'attachment; filename="redate-{run.pk}.csv"'
    assert rows[0].startswith("member,lot,points,")
    change = LotChange.objects.select_related("lot__account__member").earliest("pk")
    card = change.lot.account.member.card_number
    assert rows[1].startswith(
        f"{card},{change.lot_id},100,{change.last_day_before()},{change.last_day_after()},"
    )
    assert len(rows) == 4


def test_withdraws_a_preview(desk: Client, kind: PointType) -> None:
    desk.post(page("new"), sent(kind))
    run = RedateRun.objects.get()
    desk.post(page("withdraw", run), {"key": "w"})
    run.refresh_from_db()
    assert run.status == "withdrawn"
    refused = desk.post(page("confirm", run), {"key": "c"}).content.decode()
    assert "This run does not wait to be confirmed any more." in refused


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"expiry": "soon"}, "is not a period"),
        ({"expiry": "0D"}, "This period must be at least one day long."),
        ({"only_policy": "ever"}, "is not a period"),
        ({"reason": ""}, "This field is required."),
        (
            {"earned_from": "2025-02-01", "earned_until": "2025-01-01"},
            "The first day of earning must not come after the last one.",
        ),
        ({"expiry": "12M"}, "No points that are out would change."),
    ],
)
def test_says_what_to_do_about_what_cannot_be_meant(
    desk: Client, kind: PointType, values: dict[str, str], words: str
) -> None:
    response = desk.post(page("new"), sent(kind, **values))
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not RedateRun.objects.exists()


def test_is_not_for_operators_who_only_look(client: Client, kind: PointType) -> None:
    client.force_login(OperatorFactory(is_superuser=False))
    assert client.post(page("new"), sent(kind)).status_code == 403
    assert not RedateRun.objects.exists()


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "＝", "＠"])
def test_a_cell_of_a_file_is_no_formula(sign: str) -> None:
    assert harmless(f"{sign}1+1") == f"'{sign}1+1"
    assert (harmless(-5), harmless("5"), harmless(None)) == (-5, "5", "")


# Pending points


@pytest.fixture
def pending(db: None) -> PointsLot:
    base_points(holding="7D", expiry="12M")
    member = member_with_points(5, at=None)
    desk_lot = lots_of(member)[0]
    PointsLot.objects.filter(pk=desk_lot.pk).update(
        available_at=desk_lot.available_at.replace(year=desk_lot.available_at.year + 1),
        expires_at=None,
        activated_on=None,
    )
    return lots_of(member)[0]


def test_lets_a_pending_lot_be_spent(desk: Client, operator: User, pending: PointsLot) -> None:
    address = reverse("admin:loyalty_pointslot_activate", args=[pending.pk])
    day = pending.available_at.date()
    asked = desk.get(address).content.decode()
    assert "5 points of" in asked
    assert str(day.year) in asked
    for _ in range(2):
        assert desk.post(address, {"key": "k", "reason": "A birthday"}).status_code == 302
    change = LotChange.objects.get()
    assert (change.cause, change.operator, change.note.text) == (
        "activated",
        operator,
        "A birthday",
    )
    shown = desk.get(reverse("admin:loyalty_pointslot_change", args=[pending.pk]))
    assert "A birthday" in shown.content.decode()
    assert address not in shown.content.decode()


def test_lets_all_pending_points_of_a_member_be_spent(desk: Client, pending: PointsLot) -> None:
    member = pending.account.member
    overview = reverse("admin:members_member_change", args=[member.pk])
    address = reverse("admin:members_member_activate", args=[member.pk])
    shown = desk.get(overview).content.decode()
    assert address in shown
    assert f"5 to spend from {pending.available_at:%Y}" in shown
    assert "All 5 pending points of" in desk.get(address).content.decode()
    assert desk.post(address, {"key": "k", "reason": ""}).status_code == 200
    assert desk.post(address, {"key": "k", "reason": "A birthday"}).status_code == 302
    again = desk.post(address, {"key": "k", "reason": "A birthday"}).content.decode()
    assert "This member has no pending points." in again
    assert LotChange.objects.count() == 1


def test_early_activation_is_not_for_operators_who_only_look(
    client: Client, pending: PointsLot
) -> None:
    client.force_login(OperatorFactory(is_superuser=False))
    for name, pk in (("loyalty_pointslot", pending.pk), ("members_member", pending.account_id)):
        address = reverse(f"admin:{name}_activate", args=[pk])
        assert client.post(address, {"key": "k", "reason": "Kind"}).status_code in (403, 404)
    assert not LotChange.objects.exists()
