"""Offers as operators write them, and coupons as they find, give out and withdraw them."""

import csv
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from benefits import jobs
from benefits.models import Coupon, CouponBatch, CouponTemplate
from benefits.services.batches import issue_next, promise_codes
from benefits.services.checkout import reserve_coupons, use_coupons
from common import clock
from common.csv_files import harmless
from loyalty.models import ProductCategory
from members.models import Member, User
from tests.benefits.offers import basket, coupon_for, offer
from tests.benefits.perks import lowest_tier
from tests.factories import MemberFactory, OperatorFactory

LIST = "/admin/benefits/coupon/"
TEMPLATES = "/admin/benefits/coupontemplate/"


def form(**changes: Any) -> dict[str, Any]:
    """What an operator fills in for an offer of 10.00 off."""
    filled = {
        "name_en": "Ten off",
        "name_zh": "立减十元",
        "code": "ten",
        "kind": "amount_off",
        "amount": "10.00",
        "validity": "30D",
        "is_stackable": "on",
        "is_active": "on",
        "friends_per_coupon": "1",
        "windows-TOTAL_FORMS": "0",
        "windows-INITIAL_FORMS": "0",
    }
    return {name: value for name, value in (filled | changes).items() if value is not None}


def page(template: CouponTemplate, action: str = "change") -> str:
    return f"{TEMPLATES}{template.pk}/{action}/"


def words(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_an_offer_is_written_and_read_in_both_languages(desk: Client) -> None:
    tea = ProductCategory.objects.create(code="tea", name_en="Tea", name_zh="茶叶")
    filled = form(minimum_spend="99", categories=[tea.pk], per_member_limit="2", stock="500")
    assert desk.post(f"{TEMPLATES}add/", filled).status_code == 302
    template = CouponTemplate.objects.get()
    text = words(desk, page(template))
    for sentence in (
        "¥10 off.",
        "From ¥99 on.",
        "Only for: Tea.",
        "Valid for 30 days.",
        "At most 2 per member.",
        "立减 ¥10。",
        "满 ¥99 可用。",
        "仅限商品：茶叶。",
        "有效期 30 天。",
        "每人限领 2 张。",
    ):
        assert sentence in text
    assert template.history.count() >= 1


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"kind": "percent_off", "amount": None, "percent": "100.01"},
        "A percentage is above 0 and at most 100.",
    ),
    (
        {"kind": "percent_off", "amount": None, "percent": "0"},
        "A percentage is above 0 and at most 100.",
    ),
    (
        {"kind": "percent_off", "amount": None, "percent": "-5"},
        "A percentage is above 0 and at most 100.",
    ),
    ({"kind": "percent_off", "amount": None}, "Say what this kind of coupon gives."),
    ({"kind": "gift", "amount": None}, "Say what this kind of coupon gives."),
    ({"percent": "5"}, "Leave this empty for this kind of coupon."),
    ({"ceiling": "5"}, "Leave this empty for this kind of coupon."),
    ({"amount": "0"}, "An amount must be above 0."),
    ({"minimum_spend": "-1"}, "An amount must be above 0."),
    (
        {"validity": "", "starts_on": "2025-03-02", "ends_on": "2025-03-01"},
        "The last valid day is before the first one.",
    ),
    ({"ends_on": "2025-03-01"}, "Set either a last valid day or a period from the issue."),
    ({"validity": ""}, "Set either a last valid day or a period from the issue."),
    ({"validity": "soon"}, "“soon” is not a period."),
    ({"validity": "anniversary"}, "The anniversary of joining has no meaning here."),
    (
        {"group_size": "1", "group_hours": "24"},
        "A group has at least 2 members and at least an hour to fill.",
    ),
    ({"group_size": "3"}, "A group has at least 2 members and at least an hour to fill."),
    ({"friends_per_coupon": "0"}, "At least one friend."),
    ({"per_member_limit": "0"}, "Leave it empty for no limit; it is at least 1."),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSED)
def test_an_offer_that_cannot_be_meant_is_refused(
    desk: Client, changes: dict[str, Any], sentence: str
) -> None:
    response = desk.post(f"{TEMPLATES}add/", form(**changes))
    text = response.content.decode()
    assert escape(sentence) in text
    assert "is violated" not in text
    assert not CouponTemplate.objects.exists()


def test_a_time_to_claim_opens_before_it_closes(desk: Client) -> None:
    times = {"windows-TOTAL_FORMS": "1", "windows-0-tier": str(lowest_tier().pk)}
    for name, day in (("opens_at", "2025-03-02"), ("closes_at", "2025-03-01")):
        times |= {f"windows-0-{name}_0": day, f"windows-0-{name}_1": "00:00"}
    text = desk.post(f"{TEMPLATES}add/", form() | times).content.decode()
    assert "It closes before it opens." in text
    assert "is violated" not in text
    assert not CouponTemplate.objects.exists()


def test_stock_stays_above_what_is_given_out(desk: Client) -> None:
    template = offer("ten", stock=5)
    for key in "ab":
        coupon_for(MemberFactory.create(), template, key=key, now=clock.now())
    text = desk.post(page(template), form(stock="1")).content.decode()
    assert "More than that are given out already." in text
    assert desk.post(page(template), form(stock="2", name_en="Twelve")).status_code == 302
    template.refresh_from_db()
    assert (template.stock, template.issued, template.name_en) == (2, 2, "Twelve")


def test_the_funnel_counts_what_became_of_coupons(desk: Client) -> None:
    template, now = offer(), clock.now()
    members = MemberFactory.create_batch(2)
    coupons = [coupon_for(member, template, now=now) for member in members]
    reserve_coupons(
        member=members[0],
        codes=[coupons[0].code],
        basket=basket("90.00"),
        checkout_key="c",
        now=now,
    )
    use_coupons(member=members[0], checkout_key="c", now=now)
    issue_next(batch=promise_codes(template=template, count=2, key="b"))
    text = words(desk, page(template))
    for name, figure in (("Given out", "4"), ("With members", "2"), ("Used", "1 (25 %)")):
        assert f'{name}</th><td class="number">{figure}</td>' in text
    assert 'Taken off</th><td class="number">CN¥10.00</td>' in text


# --- Giving out ---------------------------------------------------------------------------------


def listed(desk: Client, template: CouponTemplate, **sent: Any) -> Any:
    return desk.post(page(template, "issue"), {"key": "a1", **sent}, follow=True)


def test_a_typed_list_is_issued_once(desk: Client, operator: User) -> None:
    members = MemberFactory.create_batch(2)
    numbers = "\n".join(member.card_number for member in members)
    template = offer()
    for _tap in range(2):
        assert "2 coupons were issued." in listed(desk, template, numbers=numbers).content.decode()
    assert Coupon.objects.count() == 2
    assert CouponBatch.objects.get().operator == operator


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_file_is_issued(desk: Client, encoding: str) -> None:
    members: list[Member] = MemberFactory.create_batch(2)
    rows = "".join(f'"{member.card_number}",王\n' for member in members)
    file = SimpleUploadedFile("名单.csv", f"卡号,姓名\n{rows}\n".encode(encoding))
    listed(desk, offer(), file=file)
    assert {coupon.member for coupon in Coupon.objects.all()} == set(members)


def test_unknown_members_refuse_the_file(desk: Client) -> None:
    known = MemberFactory.create()
    file = SimpleUploadedFile("list.csv", f"{known.card_number}\n1234567890123456\n".encode())
    text = listed(desk, offer(), file=file).content.decode()
    assert "Nothing was issued: 1 numbers belong to no member: 1234567890123456." in text
    assert not Coupon.objects.exists()
    assert not CouponBatch.objects.exists()
    assert CouponTemplate.objects.get().issued == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "This is no list of card numbers"),
        (b"\xff\xff\xff\xff", "This is no list of card numbers"),
        (b"card\n", "Type card numbers or choose a file."),
        (b"1" * (5 * 1024 * 1024 + 1), "This file is larger than 5 MB."),
    ],
)
def test_what_is_no_list_is_refused(desk: Client, content: bytes, sentence: str) -> None:
    text = listed(desk, offer(), file=SimpleUploadedFile("x.csv", content)).content.decode()
    assert sentence in text
    assert not CouponBatch.objects.exists()


def test_codes_are_generated_and_downloaded(desk: Client) -> None:
    template = offer(name_en="=SUM(A1)")
    desk.post(page(template, "generate"), {"key": "g1", "count": "3"})
    batch = CouponBatch.objects.get()
    response = desk.get(f"/admin/benefits/couponbatch/{batch.pk}/download/")
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    heads, *rows = csv.reader(text.removeprefix("\ufeff").splitlines())
    assert heads == ["Code", "Coupon", "Status", "Last valid day"]
    assert {row[0].replace("-", "") for row in rows} == set(
        Coupon.objects.values_list("code", flat=True)
    )
    last_day = (clock.today() + timedelta(days=30)).isoformat()
    assert {tuple(row[1:]) for row in rows} == {("'=SUM(A1)", "issued", last_day)}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"])
def test_formulas_are_neutralised(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"
    assert harmless("1=1") == "1=1"


def test_a_large_batch_goes_on_by_itself(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benefits.services.batches.RANGE", 2)
    sent = {"key": "g1", "count": "5"}
    text = desk.post(page(offer(), "generate"), sent, follow=True).content.decode()
    assert "2 of 5 coupons are there; the rest follows within minutes." in text
    assert "2 / 5" in words(desk, "/admin/benefits/couponbatch/")
    jobs.issue_batches()
    assert "5 / 5" in words(desk, "/admin/benefits/couponbatch/")


# --- Finding and withdrawing --------------------------------------------------------------------


def test_coupons_are_found_by_code_and_by_member(desk: Client) -> None:
    template, now = offer(), clock.now()
    members = MemberFactory.create_batch(2)
    ours, other = (coupon_for(member, template, now=now) for member in members)
    for query in (ours.shown_code.lower(), members[0].card_number):
        text = words(desk, f"{LIST}?q={query}")
        assert ours.shown_code in text
        assert other.shown_code not in text


def test_a_coupon_is_withdrawn_with_a_reason(desk: Client) -> None:
    coupon = coupon_for(now=clock.now())
    address = f"{LIST}{coupon.pk}/void/"
    assert "This cannot be undone" in words(desk, address)
    desk.post(address, {"key": "a1", "reason": ""})
    assert Coupon.objects.get().status == "issued"
    desk.post(address, {"key": "a1", "reason": "Printed by mistake"})
    coupon.refresh_from_db()
    assert (coupon.status, coupon.void_reason) == ("voided", "Printed by mistake")
    assert address not in words(desk, f"{LIST}{coupon.pk}/change/")


def test_a_batch_is_withdrawn_with_a_reason(desk: Client) -> None:
    batch = issue_next(batch=promise_codes(template=offer(), count=2, key="b"))
    address = f"/admin/benefits/couponbatch/{batch.pk}/void/"
    text = desk.post(address, {"key": "a1", "reason": "Leaked"}, follow=True).content.decode()
    assert "2 coupons were withdrawn." in text
    assert set(Coupon.objects.values_list("status", flat=True)) == {"voided"}


def test_operators_without_the_right_do_nothing(db: None, client: Client) -> None:
    template = offer(ends_on=date(2099, 1, 1))
    batch = issue_next(batch=promise_codes(template=template, count=1, key="b"))
    client.force_login(OperatorFactory(is_superuser=False))
    coupon = Coupon.objects.get()
    for address in (
        page(template, "issue"),
        page(template, "generate"),
        f"{LIST}{coupon.pk}/void/",
        f"/admin/benefits/couponbatch/{batch.pk}/void/",
        f"/admin/benefits/couponbatch/{batch.pk}/download/",
    ):
        assert client.get(address).status_code == 403
        assert client.post(address, {"key": "k", "reason": "r", "count": "1"}).status_code == 403
    assert Coupon.objects.get().status == "issued"
    assert reverse("admin:benefits_coupon_changelist") == LIST
