"""What an import of purchases makes of a file."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from loyalty.models import (
    PointsAccount,
    PointsEntry,
    Purchase,
    PurchaseImport,
    PurchaseLine,
    Refund,
    RefundLine,
    StagedInvoice,
    StagedRow,
    Standing,
)
from loyalty.presets import PRESETS
from loyalty.rules import line_amounts
from loyalty.services.imports.applying import apply_next
from loyalty.services.imports.claims import open_import, release
from loyalty.services.imports.formats import ONLINE_RETAIL
from loyalty.services.imports.staging import stage
from loyalty.services.presets import load_preset
from members.models import Member
from members.services import register_member
from tests.loyalty.retail import HEADER, gzipped, retail_file, row, run_import

pytestmark = pytest.mark.django_db

NOTHING = dict.fromkeys(PurchaseImport.COUNTERS, 0)


@pytest.fixture(autouse=True)
def plain(settings: pytest.FixtureRequest) -> None:
    settings.PROGRAMME_TIMEZONE = "Europe/London"  # type: ignore[attr-defined]
    load_preset(name="plain")


def refusal(path: Path) -> str:
    with pytest.raises(CommandError) as refused:
        run_import(path)
    assert nothing_written()
    return str(refused.value)


def nothing_written() -> bool:
    models = (Purchase, Refund, Member, PointsEntry, PurchaseImport, StagedInvoice, StagedRow)
    return not any(model._default_manager.exists() for model in models)


def refused_rows(folder: Path, rows: Iterable[str]) -> tuple[dict[str, int], list[str]]:
    """The summary of a file with a bad invoice, and its error file's lines."""
    path = retail_file(folder, [row("1"), *rows])
    summary, _told = run_import(path)
    return summary, path.with_suffix(".errors.csv").read_text(encoding="utf-8").splitlines()


def test_takes_the_rows_of_an_invoice_as_one_purchase(tmp_path: Path) -> None:
    rows = [
        row("1", quantity="6", price="2.55"),
        row("2", customer="9", at="2010-12-01 08:27:00"),
        row("1", quantity="3", price="3.395", at="2010-12-01 08:29:00"),
    ]
    summary, _told = run_import(retail_file(tmp_path, rows))
    purchase = Purchase.objects.get(external_id="1")
    # 15.30 + 10.185 = 25.485: rounded once, half up.
    assert purchase.amount == Decimal("25.49")
    assert purchase.at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert [line.amount for line in purchase.lines.order_by("number")] == [
        Decimal("15.30"),
        Decimal("10.19"),
    ]
    assert summary == NOTHING | {"purchases": 2, "members_created": 2, "points_earned": 35}


def test_reads_summer_time_in_the_programmes_zone(tmp_path: Path) -> None:
    run_import(retail_file(tmp_path, [row(at="2011-07-01 00:30:00")]))
    purchase = Purchase.objects.get()
    assert purchase.at == datetime(2011, 6, 30, 23, 30, tzinfo=UTC)
    assert purchase.business_date.isoformat() == "2011-07-01"


def test_takes_a_c_invoice_for_a_refund_that_owes_when_nothing_is_left(tmp_path: Path) -> None:
    rows = [
        row("1", price="10.99"),
        row("C2", quantity="-2", price="6.25", at="2010-12-02 09:00:00"),
    ]
    summary, _told = run_import(retail_file(tmp_path, rows))
    account = PointsAccount.objects.get()
    assert (account.balance, account.debt) == (0, 2)
    assert Refund.objects.get().amount == Decimal("12.50")
    assert RefundLine.objects.get().quantity == 2
    assert summary == NOTHING | {
        "purchases": 1,
        "refunds": 1,
        "members_created": 1,
        "points_earned": 10,
        "points_clawed_back": 12,
    }


def test_posts_in_the_order_of_what_happened_not_of_the_file(tmp_path: Path) -> None:
    rows = [
        row("C2", quantity="-1", price="4.00", at="2010-12-02 09:00:00"),
        row("1", at="2010-12-01 09:00:00"),
    ]
    run_import(retail_file(tmp_path, rows))
    assert [(entry.kind, entry.points) for entry in PointsEntry.objects.order_by("number")] == [
        ("earn", 10),
        ("clawback", -4),
    ]
    assert PointsEntry.objects.latest("number").debt_change == 0


def test_keeps_guests_as_purchases_that_earn_nothing(tmp_path: Path) -> None:
    rows = [row("1", customer=""), row("C2", customer="", quantity="-1")]
    summary, _told = run_import(retail_file(tmp_path, rows))
    assert summary == NOTHING | {"purchases": 1, "refunds": 1, "guests": 2}
    assert not PointsEntry.objects.exists()
    assert Purchase.objects.get().member is None


def test_skips_and_reports_other_invoices(tmp_path: Path) -> None:
    rows = [row("1"), row("A563185", price="-11062.06", customer="")]
    summary, told = run_import(retail_file(tmp_path, rows))
    assert summary["skipped"] == 1
    assert summary["errors"] == 0
    assert "row 3: invoice A563185 skipped" in told


def test_moves_no_tier_and_has_the_next_night_look_again(tmp_path: Path) -> None:
    run_import(retail_file(tmp_path, [row("1", price="900.00")]))
    assert not Standing.objects.exists()
    call_command("run_nightly", "--date", "2010-12-02", stderr=StringIO(), stdout=StringIO())
    assert Standing.objects.get().tier.code == "silver"
    run_import(retail_file(tmp_path, [row("2", price="5000.00", at="2010-11-01 10:00:00")]))
    assert Standing.objects.get().tier.code == "silver"
    call_command("run_nightly", "--date", "2010-12-03", stderr=StringIO(), stdout=StringIO())
    assert Standing.objects.get().tier.code == "gold"


def test_creates_nothing_the_second_time(tmp_path: Path) -> None:
    path = retail_file(tmp_path, [row("1"), row("C2", quantity="-1"), row("A3")])
    run_import(path)
    summary, told = run_import(gzipped(path))
    assert summary == NOTHING | {"skipped": 1}
    assert "2 invoices were recorded already" in told
    assert (Purchase.objects.count(), PurchaseLine.objects.count()) == (1, 1)
    assert (Refund.objects.count(), RefundLine.objects.count()) == (1, 1)


def test_takes_only_what_is_new_from_a_longer_file(tmp_path: Path) -> None:
    run_import(retail_file(tmp_path, [row("1")]))
    summary, _told = run_import(retail_file(tmp_path, [row("1"), row("2")]))
    assert summary == NOTHING | {"purchases": 1, "points_earned": 10}


def test_goes_on_where_it_was_interrupted_and_tells_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loyalty.services.imports.applying.BATCH", 2)
    path = retail_file(tmp_path, [row(str(number)) for number in range(1, 6)])
    interrupted = open_import(path, ONLINE_RETAIL)
    stage(interrupted, path, ONLINE_RETAIL, lambda what, done, total: None)
    apply_next(interrupted)
    release(interrupted)
    assert Purchase.objects.count() == 2
    summary, _told = run_import(path)
    assert summary == NOTHING | {"purchases": 5, "members_created": 1, "points_earned": 50}
    assert PurchaseImport.objects.count() == 1


def test_drops_the_staged_rows_when_done(tmp_path: Path) -> None:
    run_import(retail_file(tmp_path, [row("1")]))
    assert not StagedRow.objects.exists()
    assert StagedInvoice.objects.get().status == StagedInvoice.Status.APPLIED


def test_adds_lines_up_like_the_rule_says(tmp_path: Path) -> None:
    prices = ["0.005", "0.005", "0.014", "3.333", "0", "0.006"]
    run_import(retail_file(tmp_path, [row("1", price=price, quantity="1") for price in prices]))
    lines = PurchaseLine.objects.order_by("number")
    assert [line.amount for line in lines] == line_amounts([Decimal(price) for price in prices])
    assert sum(line.amount for line in lines) == Purchase.objects.get().amount == Decimal("3.36")


def test_refuses_a_file_of_0_bytes(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.touch()
    assert refusal(path) == "empty.csv cannot be read: It is empty. Nothing was applied."


def test_refuses_a_file_without_rows(tmp_path: Path) -> None:
    assert "There are no rows under its header." in refusal(retail_file(tmp_path, []))


def test_refuses_a_missing_file(tmp_path: Path) -> None:
    assert "There is no such file." in refusal(tmp_path / "nowhere.csv")


def test_refuses_a_wrong_header_and_names_what_lacks(tmp_path: Path) -> None:
    header = HEADER.replace("UnitPrice", "Price")
    text = refusal(retail_file(tmp_path, [row()], header=header))
    assert "Row 1 lacks the columns UnitPrice of the format online-retail." in text


def test_refuses_a_truncated_gzip_whole(tmp_path: Path) -> None:
    path = gzipped(retail_file(tmp_path, [row(str(number)) for number in range(3_000)]))
    path.write_bytes(path.read_bytes()[:-200])
    assert "It is cut short or damaged." in refusal(path)


def test_refuses_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "picture.csv"
    path.write_bytes(b"InvoiceNo,\xff\xfe\x00")
    assert "It is not text in UTF-8." in refusal(path)


def test_refuses_an_unknown_format(tmp_path: Path) -> None:
    path = retail_file(tmp_path, [row()])
    with pytest.raises(CommandError, match="no format called “excel”"):
        call_command("import_purchases", str(path), "--format", "excel")
    assert nothing_written()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row("2", price="-5.00"), "The price -5.00 is negative."),
        (row("2", price="five"), "The price “five” is not a number."),
        (row("2", price="NaN"), "The price “NaN” is not a number."),
        (row("2", price="1.00001"), "The price “1.00001” has too many decimals."),
        (row("2", quantity=""), "The quantity “” is not a number."),
        (row("2", quantity="1e30"), "The quantity “1e30” is out of range."),
        (row("2", at="01/12/2010 8:26"), "The date “01/12/2010 8:26” cannot be read: "),
        (row("2", at="2011-02-29 08:26:00"), "The date “2011-02-29 08:26:00” cannot be read: "),
        (row("2", at="2999-01-01 00:00:00"), "lies in the future or too far in the past."),
        (row("C2", quantity="1"), "A refund's quantity must be negative, not 1."),
        (row("2", quantity="-1"), "The invoice adds up to less than zero."),
        (row("", price="1"), "There is no invoice number."),
        ("2,85123A", "The quantity “” is not a number."),
    ],
)
def test_refuses_a_bad_row_in_plain_words(tmp_path: Path, bad: str, reason: str) -> None:
    summary, errors = refused_rows(tmp_path, [bad])
    assert summary == NOTHING | {
        "purchases": 1,
        "members_created": 1,
        "points_earned": 10,
        "errors": 1,
    }
    assert errors[-1].startswith("3,3,")
    assert reason in errors[-1]


def test_names_row_and_reason_in_the_error_file(tmp_path: Path) -> None:
    rows = [row("2", price="4.00"), row("2", price="-5.00"), row("3")]
    summary, errors = refused_rows(tmp_path, rows)
    assert summary == NOTHING | {
        "purchases": 2,
        "members_created": 1,
        "points_earned": 20,
        "errors": 1,
    }
    assert errors[0] == "Row,BadRow,Reason," + HEADER
    assert errors[1] == "3,4,The price -5.00 is negative.," + rows[0]
    assert errors[2] == "4,4,The price -5.00 is negative.," + rows[1]
    assert len(errors) == 3


def test_refuses_an_invoice_of_two_customers_and_names_the_row(tmp_path: Path) -> None:
    rows = [row("2", customer="5"), row("2", customer="5"), row("2", customer="4")]
    summary, errors = refused_rows(tmp_path, rows)
    assert summary["errors"] == 1
    assert errors[-1].startswith("5,5,The invoice names more than one customer.")
    assert set(Member.objects.values_list("external_number", flat=True)) == {"17850"}


def test_refuses_a_customer_number_that_belongs_to_a_member_from_elsewhere(
    tmp_path: Path,
) -> None:
    till = register_member(source="till", external_number="12345")
    summary, errors = refused_rows(tmp_path, [row("2", customer="12345")])
    assert summary["errors"] == 1
    assert errors[-1].startswith("3,3,This customer number belongs to a member")
    assert not till.purchases.exists()


def test_adopts_members_from_elsewhere_when_asked(tmp_path: Path) -> None:
    till = register_member(source="till", external_number="12345")
    path = retail_file(tmp_path, [row("2", customer="12345.0")])
    summary, _told = run_import(path, "--adopt-members")
    assert summary == NOTHING | {"purchases": 1, "points_earned": 10}
    assert till.purchases.get().external_id == "2"


def test_refuses_an_invoice_that_is_recorded_with_other_contents(tmp_path: Path) -> None:
    run_import(retail_file(tmp_path, [row("1")]))
    path = retail_file(tmp_path, [row("1", price="11.00"), row("2")])
    summary, told = run_import(path)
    assert summary == NOTHING | {"purchases": 1, "points_earned": 10, "errors": 1}
    assert "row 2: invoice 1 refused: It is already recorded with another amount" in told
    assert Purchase.objects.get(external_id="1").amount == Decimal("10.00")


def test_fails_when_nothing_in_the_file_could_be_imported(tmp_path: Path) -> None:
    path = retail_file(tmp_path, [row("1", price="-1")])
    with pytest.raises(CommandError, match="Nothing in this file could be imported"):
        run_import(path)
    assert not Purchase.objects.exists()


def test_mended_rows_can_be_imported_from_the_error_file(tmp_path: Path) -> None:
    path = retail_file(tmp_path, [row("1"), row("2", price="-5.00")])
    run_import(path)
    errors = path.with_suffix(".errors.csv")
    errors.write_text(errors.read_text().replace(",-5.00,", ",5.00,"))
    summary, _told = run_import(errors, "--errors", str(tmp_path / "again.csv"))
    assert summary == NOTHING | {"purchases": 1, "points_earned": 5}


def test_every_preset_is_data_that_loads_twice_without_a_change() -> None:
    for name in PRESETS:
        load_preset(name=name)
        load_preset(name=name)
