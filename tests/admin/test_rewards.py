"""The catalogue as operators write it, and orders as they fulfil them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from benefits.models import LotteryPrize, Reward, RewardOrder, RewardPicture
from benefits.rules.pictures import LARGEST_PICTURE
from benefits.services.reward_orders import request_return
from common import clock
from loyalty.models import PointsAccount
from tests.benefits.offers import offer
from tests.benefits.pictures import PNG
from tests.benefits.rewards import redeemed, reward, rich_member
from tests.factories import OperatorFactory
from tests.loyalty.programmes import plain_programme

REWARDS, ORDERS = "/admin/benefits/reward/", "/admin/benefits/rewardorder/"


def form(prizes: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """What an operator fills in for a mug of 300 points."""
    filled = {
        "name_en": "Mug",
        "name_zh": "马克杯",
        "code": "mug",
        "is_active": "on",
        "kind": "goods",
        "points": "300",
        "return_days": "7",
    }
    for number, row in enumerate(prizes or []):
        filled |= {f"prizes-{number}-{name}": value for name, value in row.items()}
    totals = {"prices": 0, "windows": 0, "prizes": len(prizes or [])}
    for prefix, total in totals.items():
        filled |= {f"{prefix}-TOTAL_FORMS": str(total), f"{prefix}-INITIAL_FORMS": "0"}
    return {name: value for name, value in (filled | changes).items() if value is not None}


def words(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def moment(name: str, text: str) -> dict[str, str]:
    day, hour = text.split(" ")
    return {f"{name}_0": day, f"{name}_1": hour}


def test_a_reward_is_written(desk: Client) -> None:
    filled = form(stock="5", is_numbered="on", minimum_spend="99", money="9.90")
    assert desk.post(f"{REWARDS}add/", filled).status_code == 302
    item = Reward.objects.get()
    assert (item.points, item.stock, item.is_numbered, item.taken) == (300, 5, True, 0)
    assert "Mug" in words(desk, REWARDS)
    assert item.history.count() == 1


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"points": "0"}, "Ensure this value is greater than or equal to 1."),
    (
        moment("starts_at", "2025-03-02 00:00") | moment("ends_at", "2025-03-01 00:00"),
        "It closes before it opens.",
    ),
    ({"promotional_points": "200"}, "A promotion has a price, a beginning and an end."),
    (
        {"promotional_points": "200"}
        | moment("promotion_starts_at", "2025-03-02 00:00")
        | moment("promotion_ends_at", "2025-03-02 00:00"),
        "The promotion ends before it begins.",
    ),
    (
        {"promotional_points": "300"}
        | moment("promotion_starts_at", "2025-03-02 00:00")
        | moment("promotion_ends_at", "2025-03-03 00:00"),
        "A promotional price is below the usual one.",
    ),
    ({"kind": "coupon"}, "Say which coupon is issued."),
    ({"is_numbered": "on"}, "A limited edition is of goods, and has a stock."),
    ({"kind": "service", "is_sent": "on"}, "Only goods are sent."),
    ({"per_member_limit": "0"}, "Leave it empty for no limit; it is at least 1."),
    ({"money": "0"}, "An amount must be above 0."),
    ({"minimum_spend": "-1"}, "An amount must be above 0."),
    ({"spend_days": "30"}, "Say for how much members must have bought."),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSED)
def test_a_reward_that_cannot_be_meant_is_refused(
    desk: Client, changes: dict[str, Any], sentence: str
) -> None:
    text = desk.post(f"{REWARDS}add/", form(**changes)).content.decode()
    assert escape(sentence) in text
    assert "is violated" not in text
    assert not Reward.objects.exists()


def test_only_coupons_are_issued(desk: Client) -> None:
    text = desk.post(f"{REWARDS}add/", form(coupon_template=offer().pk)).content.decode()
    assert "Leave this empty: only coupons are issued." in text


BICYCLE = {"name_en": "Bicycle", "kind": "goods", "weight": "100", "stock": "1"}
NOTHING = {"name_en": "Nothing", "kind": "nothing", "weight": "9900"}
LOTTERIES: list[tuple[list[dict[str, Any]], str]] = [
    ([], "The chances add up to 0 of 10,000; they must be all of them."),
    ([BICYCLE], "The chances add up to 100 of 10,000; they must be all of them."),
    (
        [BICYCLE, NOTHING | {"weight": "9901"}],
        "The chances add up to 10,001 of 10,000; they must be all of them.",
    ),
    ([BICYCLE, NOTHING | {"stock": "5"}], "One prize that is no coupon must be without end"),
    ([BICYCLE, NOTHING | {"points": "5"}], "Points are given by a prize of points"),
    ([BICYCLE, NOTHING | {"kind": "coupon"}], "A coupon is named by a prize of a coupon"),
]


@pytest.mark.parametrize(("prizes", "sentence"), LOTTERIES)
def test_a_lottery_that_is_not_the_whole_is_refused(
    desk: Client, prizes: list[dict[str, Any]], sentence: str
) -> None:
    text = desk.post(f"{REWARDS}add/", form(prizes, kind="lottery")).content.decode()
    assert sentence in text
    assert not Reward.objects.exists()
    assert not LotteryPrize.objects.exists()


def test_a_lottery_is_written(desk: Client) -> None:
    assert desk.post(f"{REWARDS}add/", form([BICYCLE, NOTHING], kind="lottery")).status_code == 302
    assert [found.weight for found in LotteryPrize.objects.order_by("pk")] == [100, 9_900]


def test_only_a_lottery_has_prizes(desk: Client) -> None:
    text = desk.post(f"{REWARDS}add/", form([NOTHING])).content.decode()
    assert "Only a lottery has prizes." in text


def upload(desk: Client, item: Reward, content: bytes, name: str = "mug.png") -> str:
    sent = {"key": "p", "file": SimpleUploadedFile(name, content, "image/png")}
    response = desk.post(f"{REWARDS}{item.pk}/picture/", sent, follow=True)
    return str(response.content.decode())


def test_a_picture_is_chosen(desk: Client) -> None:
    item = reward()
    assert "The picture was changed." in upload(desk, item, PNG)
    assert bytes(RewardPicture.objects.get(reward=item).content) == PNG


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7 not a picture", "This is no picture"),
        (PNG[:-3], "This is no picture"),
        (PNG + b"\x00" * LARGEST_PICTURE, "This picture is larger than 5 MB."),
    ],
)
def test_what_is_no_picture_is_refused(desk: Client, content: bytes, sentence: str) -> None:
    item = reward()
    assert sentence in upload(desk, item, content)
    assert not RewardPicture.objects.exists()


def test_stock_stays_above_what_is_taken(desk: Client) -> None:
    order = placed(stock=5)
    address = f"{REWARDS}{order.reward_id}/change/"
    text = desk.post(address, form(stock="0")).content.decode()
    assert "More than that are taken already." in text
    assert desk.post(address, form(stock="1", name_en="Cup")).status_code == 302
    item = Reward.objects.get()
    assert (item.stock, item.taken, item.name_en) == (1, 1, "Cup")


@pytest.mark.parametrize("kind", ["goods", "coupon"])
def test_a_reward_is_changed_but_not_what_it_is(desk: Client, kind: str) -> None:
    template = offer() if kind == "coupon" else None
    item = reward(kind=kind, coupon_template=template)
    sent = {"is_sent": "on"} if kind == "goods" else {"coupon_template": template and template.pk}
    filled = form(name_en="Cup", kind="service", **sent)
    assert desk.post(f"{REWARDS}{item.pk}/change/", filled).status_code == 302
    item.refresh_from_db()
    assert (item.name_en, item.kind, item.is_sent) == ("Cup", kind, kind == "goods")


# --- Fulfilment -----------------------------------------------------------------------------------


def placed(**details: Any) -> RewardOrder:
    """An order of a mug, placed now."""
    plain_programme()
    now = clock.now()
    asked = {"deliver_to": "5 Tea Lane"} if details.get("is_sent") else {}
    return redeemed(rich_member(now=now), reward(**details), now=now, **asked)


def act(desk: Client, order: RewardOrder, action: str, **sent: str) -> str:
    """Confirm an action; the order's status after it."""
    desk.post(f"{ORDERS}{order.pk}/{action}/", {"key": "a", **sent})
    order.refresh_from_db()
    return order.status


def offered(desk: Client, order: RewardOrder) -> set[str]:
    text = words(desk, f"{ORDERS}{order.pk}/change/")
    names = ("ship", "ready", "deliver", "collect", "exchange", "restore", "decline", "cancel")
    return {name for name in names if f"{ORDERS}{order.pk}/{name}/" in text}


def test_a_parcel_goes_out_and_arrives(desk: Client) -> None:
    order = placed(is_sent=True)
    assert offered(desk, order) == {"ship", "cancel"}
    assert act(desk, order, "ship", tracking_number="") == "pending"
    assert act(desk, order, "ship", tracking_number="SF123") == "shipped"
    assert offered(desk, order) == {"deliver"}
    assert act(desk, order, "deliver") == "delivered"
    assert offered(desk, order) == set()


def test_it_is_handed_over_to_whoever_has_the_code(desk: Client) -> None:
    order = placed()
    assert offered(desk, order) == {"ready", "cancel"}
    assert act(desk, order, "ready") == "ready"
    assert offered(desk, order) == {"collect", "cancel"}
    text = desk.post(f"{ORDERS}{order.pk}/collect/", {"key": "a", "pickup_code": "2222"})
    assert "This is not the pick-up code of this order." in text.content.decode()
    assert act(desk, order, "collect", pickup_code=order.shown_pickup_code) == "collected"


def test_a_return_is_answered(desk: Client) -> None:
    order = placed(stock=1)
    act(desk, order, "ready")
    act(desk, order, "collect", pickup_code=order.pickup_code)
    request_return(order=order, reason="It leaks")
    assert offered(desk, order) == {"exchange", "restore", "decline"}
    assert "It leaks" in words(desk, f"{ORDERS}{order.pk}/change/")
    assert act(desk, order, "exchange") == "return_requested"
    assert act(desk, order, "restore", is_restocked="on") == "restored"
    assert PointsAccount.objects.get().balance == 1_000
    assert Reward.objects.get().taken == 0


def test_an_order_is_cancelled_with_a_reason(desk: Client) -> None:
    order = placed()
    assert "cannot be undone" in words(desk, f"{ORDERS}{order.pk}/cancel/")
    assert act(desk, order, "cancel", reason="") == "pending"
    assert act(desk, order, "cancel", reason="It broke") == "cancelled"


def test_orders_are_found_by_number_and_member(desk: Client) -> None:
    order = placed()
    other = redeemed(rich_member(now=clock.now()), order.reward, now=clock.now())
    for query in (order.number, order.number.lower(), order.member.card_number):
        text = words(desk, f"{ORDERS}?q={query}")
        assert order.number in text
        assert other.number not in text
    assert order.number in words(desk, f"{ORDERS}?status__exact=pending")
    assert order.number not in words(desk, f"{ORDERS}?status__exact=shipped")


def test_the_queue_shows_what_waits_and_who_came_first_at_the_top(desk: Client) -> None:
    first, now = placed(), clock.now()
    second, sent = (redeemed(rich_member(now=now), first.reward, now=now) for _member in range(2))
    act(desk, sent, "ready")
    text = words(desk, f"{ORDERS}?queue=waiting")
    assert text.index(first.number) < text.index(second.number)
    assert sent.number not in text
    text = words(desk, f"{ORDERS}?queue=out")
    assert sent.number in text
    assert first.number not in text
    text = words(desk, f"{ORDERS}?queue=nonsense")
    assert text.index(sent.number) < text.index(second.number) < text.index(first.number)
    assert f'href="{ORDERS}?queue=waiting"' in text


def test_operators_without_the_right_do_nothing(db: None, client: Client) -> None:
    order = placed()
    client.force_login(OperatorFactory(is_superuser=False))
    for address in (
        f"{REWARDS}{order.reward_id}/picture/",
        f"{ORDERS}{order.pk}/ready/",
        f"{ORDERS}{order.pk}/cancel/",
    ):
        assert client.get(address).status_code == 403
        assert client.post(address, {"key": "k", "reason": "r"}).status_code == 403
    order.refresh_from_db()
    assert order.status == "pending"
