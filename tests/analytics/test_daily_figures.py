"""A day's figures are all that happened on it, told anew whenever more is known."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import Sum

from analytics.jobs import record_figures
from analytics.models import DailyFigure, DailySales
from analytics.services.figures import earliest_date, stale_spans, whole_span
from common import clock
from loyalty.models import Channel, PointsEntry, ProductCategory, Purchase
from loyalty.services.activities import check_in
from loyalty.services.points import earn_points, redeem_points, restore_points
from loyalty.services.purchases import Line, record_purchase, record_refund
from members.models import Member, PortalDay
from tests.factories import MemberFactory, StoreFactory
from tests.loyalty.programmes import local

from .shopping import buy, free_line, give_back, noon, programme, shopper

pytestmark = pytest.mark.django_db

DAY = date(2025, 6, 15)
BEFORE = date(2025, 6, 14)


@pytest.fixture
def member(db: None) -> Member:
    programme()
    return MemberFactory.create(external_number="1", joined_at=local(2025, 6, 1, 9))


def night(day: date = DAY) -> int:
    return record_figures(day, 0, 0)["days"]


def figures(day: date = BEFORE) -> DailyFigure:
    return DailyFigure.objects.get(business_date=day)


def sales(by: str, day: date = BEFORE) -> dict[int, tuple[int, str, int, str]]:
    """Orders and money by key, of all and of members."""
    return {
        row.key: (row.orders, str(row.amount), row.member_orders, str(row.member_amount))
        for row in DailySales.objects.between(by, day, day)
    }


def test_nothing_has_happened_yet(db: None) -> None:
    assert night() == 0
    assert earliest_date(DAY) is None


def test_every_day_from_the_first_fact_on_has_a_row(member: Member) -> None:
    assert night() == 14
    days = list(DailyFigure.objects.values_list("business_date", flat=True).order_by("pk"))
    assert (days[0], days[-1], len(days)) == (date(2025, 6, 1), BEFORE, 14)
    assert (figures(days[0]).joined, figures().joined) == (1, 0)
    assert (figures().orders, figures().amount, figures().active_members_30) == (0, 0, 0)


def test_members_and_guests_are_told_apart(member: Member) -> None:
    buy(member, BEFORE, "30.00")
    buy(member, BEFORE, "20.00")
    buy(None, BEFORE, "7.00")
    buy(member, DAY, "99.00")
    night()
    found = figures()
    assert (found.orders, found.buyers, found.amount) == (2, 1, Decimal("50.00"))
    assert (found.guest_orders, found.guest_amount) == (1, Decimal("7.00"))
    assert not DailyFigure.objects.filter(business_date=DAY).exists()


def test_refunds_are_of_their_own_day_and_a_whole_one_takes_the_order(member: Member) -> None:
    purchase = buy(member, date(2025, 6, 10), "30.00")
    guests = buy(None, date(2025, 6, 10), "8.00")
    give_back(purchase, date(2025, 6, 12), "10.00")
    give_back(guests, date(2025, 6, 12), "8.00")
    night(date(2025, 6, 13))
    assert (figures(date(2025, 6, 10)).orders, figures(date(2025, 6, 10)).guest_orders) == (1, 0)
    give_back(purchase, BEFORE, "20.00")
    night()
    tenth, twelfth = figures(date(2025, 6, 10)), figures(date(2025, 6, 12))
    assert (tenth.orders, tenth.amount, tenth.buyers) == (0, Decimal("30.00"), 1)
    assert (twelfth.refunded, twelfth.guest_refunded) == (Decimal("10.00"), Decimal("8.00"))
    assert figures().refunded == Decimal("20.00")


def test_purchases_without_any_price_are_no_orders(member: Member) -> None:
    buy(member, BEFORE, "0.00", lines=(free_line(),))
    buy(member, BEFORE, "0.00", lines=(free_line("0.0010"),))
    night()
    assert (figures().orders, figures().buyers) == (1, 1)


def test_active_by_a_purchase_a_deed_or_a_visit_for_thirty_days(member: Member) -> None:
    programme_day = date(2025, 5, 1)
    others = [shopper(str(number)) for number in range(2, 5)]
    buy(others[0], programme_day)
    buy(others[0], date(2025, 5, 3))
    check_in(member=others[1], now=noon(date(2025, 5, 2)))
    PortalDay.objects.create(
        member=others[2], business_date=date(2025, 5, 2), at=noon(date(2025, 5, 2))
    )
    night()
    by_day = {row.business_date.isoformat(): row for row in DailyFigure.objects.all()}
    assert [by_day[f"2025-05-0{n}"].active_members for n in (1, 2, 3, 4)] == [1, 2, 1, 0]
    assert [by_day[f"2025-05-0{n}"].active_members_30 for n in (1, 2, 3, 4)] == [1, 3, 3, 3]
    # 2 May and the 29 days after it end with 31 May; 3 May's with 1 June.
    ends = ("2025-05-31", "2025-06-01", "2025-06-02")
    assert [by_day[day].active_members_30 for day in ends] == [3, 1, 0]


def test_active_members_are_counted_alike_across_what_is_written_at_a_time(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        buy(member if number % 3 else shopper(), date(2025, 5, 1) + timedelta(days=number))
    night()
    whole = list(DailyFigure.objects.order_by("pk").values_list("pk", "active_members_30"))
    monkeypatch.setattr("analytics.services.figures.DAYS_AT_A_TIME", 7)
    DailyFigure.objects.all().delete()
    night()
    assert len(list(whole_span(date(2025, 5, 1), BEFORE))) == 7
    parts = list(DailyFigure.objects.order_by("pk").values_list("pk", "active_members_30"))
    assert parts == whole


def test_points_are_told_by_what_moved_them(member: Member) -> None:
    earn_points(member=member, points=100, key="a", reason="", now=noon(BEFORE))
    spent = redeem_points(member=member, points=60, key="b", reason="", now=noon(BEFORE))
    restore_points(redemption=spent, points=10, key="c", reason="", now=noon(BEFORE))
    buy(member, BEFORE, "5.00")
    night()
    found = figures()
    assert (found.points_earned, found.points_redeemed, found.points_restored) == (105, 60, 10)
    assert PointsEntry.objects.of_type("base").total() == 105 - 60 + 10


def test_points_of_all_days_add_up_to_the_ledger(member: Member) -> None:
    purchase = buy(member, date(2025, 6, 3), "300.00")
    redeem_points(member=member, points=250, key="b", reason="", now=noon(date(2025, 6, 4)))
    give_back(purchase, date(2025, 6, 5), "200.00")
    night()
    sums = DailyFigure.objects.aggregate(
        earned=Sum("points_earned"), back=Sum("points_clawed_back"), spent=Sum("points_redeemed")
    )
    assert sums == {"earned": 300, "back": 200, "spent": 250}
    assert PointsEntry.objects.of_type("base").total() == 300 - 200 - 250


def test_a_late_purchase_has_its_own_day_told_anew_and_no_other(member: Member) -> None:
    buy(member, date(2025, 6, 10), "30.00")
    night()
    DailyFigure.objects.update(facts_until=clock.now() + timedelta(hours=1))
    assert stale_spans(DAY) == []
    late = buy(member, date(2025, 6, 3), "5.00")
    Purchase.objects.filter(pk=late.pk).update(recorded_at=clock.now() + timedelta(hours=2))
    assert stale_spans(DAY) == [(date(2025, 6, 3), BEFORE)]
    night()
    assert figures(date(2025, 6, 3)).amount == Decimal("5.00")
    assert figures(date(2025, 6, 10)).amount == Decimal("30.00")
    # Active for thirty days from the earlier day on.
    assert figures(date(2025, 6, 9)).active_members_30 == 1


def test_runs_again_agree(member: Member) -> None:
    buy(member, BEFORE, "30.00", lines=(line("TEA", "30.00"),))
    night()
    columns = [f.name for f in DailyFigure._meta.fields if f.name not in TIMES]
    before = list(DailyFigure.objects.order_by("pk").values(*columns))
    sold = list(DailySales.objects.order_by("by", "key").values_list("by", "key", "amount"))
    assert night() >= 1
    assert list(DailyFigure.objects.order_by("pk").values(*columns)) == before
    again = DailySales.objects.order_by("by", "key").values_list("by", "key", "amount")
    assert list(again) == sold


TIMES = ("computed_at", "facts_until")


def line(sku: str, amount: str, category: ProductCategory | None = None) -> Line:
    return Line(
        sku=sku,
        quantity=Decimal(1),
        unit_price=Decimal(amount),
        amount=Decimal(amount),
        category=category,
    )


def sell(member: Member | None, at: datetime, **details: object) -> Purchase:
    number = f"S{Purchase.objects.count()}"
    lines = details.pop("lines")
    assert isinstance(lines, list)
    return record_purchase(
        source="till",
        external_id=number,
        at=at,
        amount=sum((found.amount for found in lines), Decimal(0)),
        member=member,
        lines=lines,
        now=at,
        **details,  # type: ignore[arg-type]
    )


def test_sales_are_sorted_by_store_channel_category_and_hour(member: Member) -> None:
    store = StoreFactory.create()
    web = Channel.objects.create(code="web", name_en="Web")
    tea = ProductCategory.objects.create(code="tea", name_en="Tea")
    lines = [line("GREEN", "20.00", tea), line("BLACK", "10.00", tea), line("BAG", "5.00")]
    bought = sell(member, local(2025, 6, 14, 9, 59), store=store, lines=lines)
    sell(None, local(2025, 6, 14, 23, 59), channel=web, lines=[line("BAG", "4.00")])
    record_refund(
        source="till",
        external_id="R1",
        at=local(2025, 6, 14, 10),
        amount=Decimal("10.00"),
        purchase=bought,
        lines=[
            Line(
                sku="BLACK",
                quantity=Decimal(1),
                unit_price=Decimal("10.00"),
                amount=Decimal("10.00"),
                of_line=2,
            )
        ],
        now=local(2025, 6, 14, 10),
    )
    night()
    assert sales("store") == {store.pk: (1, "25.00", 1, "25.00"), 0: (1, "4.00", 0, "0.00")}
    assert sales("channel") == {0: (1, "25.00", 1, "25.00"), web.pk: (1, "4.00", 0, "0.00")}
    assert sales("category") == {tea.pk: (1, "20.00", 1, "20.00"), 0: (2, "9.00", 1, "5.00")}
    assert sales("hour") == {
        9: (1, "35.00", 1, "35.00"),
        10: (0, "-10.00", 0, "-10.00"),
        23: (1, "4.00", 0, "0.00"),
    }


def test_the_command_writes_days_that_are_over(member: Member) -> None:
    buy(member, date(2025, 6, 10), "30.00")
    out = StringIO()
    call_command(
        "daily_figures", "--from", "2025-06-09", "--to", "2025-06-11", stdout=out, stderr=StringIO()
    )
    assert "Figures of 3 days were written." in out.getvalue()
    assert list(DailyFigure.objects.order_by("pk").values_list("orders", flat=True)) == [0, 1, 0]
    for wrong in (("--to", "2999-01-01"), ("--from", "2025-06-12", "--to", "2025-06-11")):
        with pytest.raises(CommandError, match="days that are over"):
            call_command("daily_figures", *wrong, stderr=StringIO())
    with pytest.raises(CommandError, match="is no date"):
        call_command("daily_figures", "--from", "9.6.2025")


@pytest.mark.parametrize(
    "broken", [{"buyers": 2}, {"active_members": 2}, {"refunded": Decimal(-1)}]
)
def test_the_database_refuses_figures_that_cannot_be(
    broken: dict[str, int], member: Member
) -> None:
    buy(member, BEFORE)
    night()
    with pytest.raises(IntegrityError), transaction.atomic():
        DailyFigure.objects.filter(business_date=BEFORE).update(**broken)
