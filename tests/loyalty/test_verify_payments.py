"""Points that paid for purchases: planted violations and the check that must find them."""

from decimal import Decimal

import pytest

from loyalty.models import PointsEntry, Purchase
from loyalty.services.points import restore_points
from loyalty.services.points_money import redeem_for_purchase

from .payments import buy_with, give_back, holder, take
from .programmes import local, plain_programme
from .tampering import broken, overwrite, unchecked

pytestmark = pytest.mark.django_db

NOON = local(2025, 3, 14, 12)


@pytest.fixture
def purchase() -> Purchase:
    """¥125 of ¥250 paid by 12,500 points, half of it refunded; another checkout was abandoned."""
    plain_programme()
    member = holder(30_000, at=NOON)
    purchase = buy_with(take(member, "250.00", NOON), NOON)
    give_back(purchase, "62.50", NOON)
    abandoned = redeem_for_purchase(member=member, amount=Decimal(100), key="a", now=NOON)
    restore_points(redemption=abandoned.entry, key="b", now=NOON)
    return purchase


def found(what: str, expected: object, is_found: object, row: object) -> dict[str, list[object]]:
    assert isinstance(row, Purchase | PointsEntry)
    subject = "purchase" if isinstance(row, Purchase) else "entry"
    return {"I30": [(subject, row.pk, what, expected, is_found)]}


def test_what_the_services_did_is_clean(purchase: Purchase) -> None:
    assert broken() == {}


def test_finds_points_of_another_member(purchase: Purchase) -> None:
    other = holder(1, at=NOON)
    refund = purchase.refunds.get()
    overwrite(purchase, member=other)
    assert ("purchase", purchase.pk, "member whose points paid", other.pk, refund.member_id) in (
        broken()["I30"]
    )


def test_finds_another_number_of_points(purchase: Purchase) -> None:
    overwrite(purchase, points_used=12_400)
    assert broken() == found("points used", 12_400, 12_500, purchase)


def test_finds_another_worth(purchase: Purchase) -> None:
    """In minor units, as the database keeps money; the price is another then, too."""
    overwrite(purchase, paid_by_points=Decimal("124.00"))
    assert broken() == {
        "I30": [
            ("purchase", purchase.pk, "part paid by points", 12_400, 12_500),
            ("purchase", purchase.pk, "price that the points were taken for", 24_900, 25_000),
        ]
    }


def test_finds_another_price(purchase: Purchase) -> None:
    overwrite(purchase, amount=Decimal("126.00"))
    assert broken() == found("price that the points were taken for", 25_100, 25_000, purchase)


def test_finds_points_given_back_without_a_refund(purchase: Purchase) -> None:
    restore = PointsEntry.objects.get(kind="restore", refund=purchase.refunds.get())
    overwrite(restore, refund=None, key="by hand")
    assert broken() == found("given back without a refund of it", 0, 6_250, purchase)


def test_finds_points_kept_after_the_last_refund(purchase: Purchase) -> None:
    last = give_back(purchase, "62.50", NOON)
    restore = PointsEntry.objects.get(kind="restore", refund=last)
    assert restore.reverses is not None
    overwrite(restore, reverses=PointsEntry.objects.get(key="a"))
    rows = broken()["I30"]
    assert ("purchase", purchase.pk, "given back with the last refund", 12_500, 6_250) in rows
    what = "refund of the purchase that its points paid for"
    assert ("entry", restore.pk, what, purchase.pk, None) in rows


def test_finds_more_refunded_than_points_had_paid(purchase: Purchase) -> None:
    overwrite(purchase.refunds.get(), paid_by_points=Decimal("125.01"))
    assert broken() == found("part paid by points refunded at most", 12_500, 12_501, purchase)


def test_finds_a_refund_that_gives_back_twice(purchase: Purchase) -> None:
    refund = purchase.refunds.get()
    first = PointsEntry.objects.get(kind="restore", refund=refund)
    other = PointsEntry.objects.get(key="b")
    with unchecked(PointsEntry, "entry_refund_restores_once"):
        overwrite(other, refund=refund, reverses=first.reverses)
    rows = broken()
    assert ("refund", refund.pk, "entries that give back", 1, 2) in rows["I07"]
    # By allocations that reverse another redemption's, which I10 finds as well.
    assert "I10" in rows


def test_finds_a_key_that_is_not_its_refunds(purchase: Purchase) -> None:
    restore = PointsEntry.objects.get(kind="restore", refund=purchase.refunds.get())
    overwrite(restore, key="refund:0:restore")
    row = ("entry", restore.pk, "its key is of the refund that it names", 1, 0)
    assert broken() == {"I07": [row]}
