"""What an import does with rows and files that are not as they should be."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from loyalty.models import (
    Purchase,
    PurchaseImport,
    PurchaseLine,
    Refund,
    RefundLine,
    StagedInvoice,
    StagedRow,
)
from loyalty.services.presets import load_preset
from tests.loyalty.retail import HEADER, retail_file, row, run_import

pytestmark = pytest.mark.django_db

ENDS_NEVER = "The record that begins in row {} never ends: is a quote not closed?"


@pytest.fixture(autouse=True)
def plain(settings: Any) -> None:
    settings.PROGRAMME_TIMEZONE = "Europe/London"
    load_preset(name="plain")


def text_file(folder: Path, *lines: str, end: str = "\n") -> Path:
    path = folder / "purchases.csv"
    path.write_text("\n".join([HEADER, *lines]) + end, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    """Why the whole file was refused; nothing of it is left."""
    with pytest.raises(CommandError) as refused:
        run_import(path)
    models = (Purchase, Refund, PurchaseImport, StagedInvoice, StagedRow)
    assert not any(model._default_manager.exists() for model in models)
    return str(refused.value)


def errors_of(path: Path) -> list[str]:
    """The error file's lines, after an import that took one good invoice of ten points."""
    summary, _told = run_import(path)
    assert (summary["purchases"], summary["points_earned"]) == (1, 10)
    errors = path.with_suffix(".errors.csv").read_text(encoding="utf-8").splitlines()
    assert len(errors) == summary["errors"] + 1
    return errors[1:]


def test_refuses_a_quote_that_never_ends(tmp_path: Path) -> None:
    bad = row("2").replace("WHITE", '"WHITE')
    assert ENDS_NEVER.format(3) in refusal(text_file(tmp_path, row("1"), bad, row("3")))


def test_refuses_a_quote_that_swallows_rows_up_to_the_next_quote(tmp_path: Path) -> None:
    bad = row("2").replace("WHITE", '"WHITE')
    good = row("4").replace("WHITE LANTERN", '"WHITE LANTERN"')
    path = text_file(tmp_path, row("1"), "", bad, row("3"), good)
    assert ENDS_NEVER.format(4) in refusal(path)


def test_refuses_a_quote_that_outgrows_a_field(tmp_path: Path) -> None:
    bad = row("2").replace("WHITE", '"WHITE')
    many = (row(str(number)) for number in range(3, 3_000))
    assert ENDS_NEVER.format(3) in refusal(text_file(tmp_path, row("1"), bad, *many))


def test_refuses_a_row_whose_quote_ends_by_chance_in_a_later_row(tmp_path: Path) -> None:
    bad = row("2").replace("WHITE", '"WHITE')
    by_chance = row("3").replace("WHITE LANTERN", 'BOX 12"')
    summary, told = run_import(text_file(tmp_path, row("1"), bad, by_chance, row("4")))
    assert (summary["purchases"], summary["errors"]) == (2, 1)
    assert "row 3: invoice 2 refused: The row goes over several lines" in told


def test_names_the_row_that_is_no_csv(tmp_path: Path) -> None:
    bad = row("2").replace("WHITE LANTERN", '"WHITE" LANTERN')
    text = refusal(text_file(tmp_path, row("1"), bad))
    assert "Row 3 is not CSV: ',' expected after '\"'." in text


@pytest.mark.parametrize("cut", [5, 40, 50])
def test_refuses_a_plain_file_that_is_cut_short(tmp_path: Path, cut: int) -> None:
    path = text_file(tmp_path, row("1"), row("2")[:cut], end="")
    assert "It is cut short in row 3, which has no end." in refusal(path)


def test_takes_a_last_line_without_an_end(tmp_path: Path) -> None:
    summary, _told = run_import(text_file(tmp_path, row("1"), row("2"), end=""))
    assert summary["purchases"] == 2


def test_tells_the_files_own_line_numbers_beside_blank_lines(tmp_path: Path) -> None:
    path = text_file(tmp_path, "", row("1"), "", "", row("2", price="-5.00"))
    assert errors_of(path)[0].startswith("6,6,The price -5.00 is negative.")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row("2").replace("WHITE", "WH\0ITE"), "The row holds a character that no text has (NUL)."),
        (row("2", customer="1\0"), "The row holds a character that no text has (NUL)."),
        (row("2", price="1\0"), "The row holds a character that no text has (NUL)."),
        (row("2", at="2010\0"), "The row holds a character that no text has (NUL)."),
        (row("2\0"), "“2\N{REPLACEMENT CHARACTER}” is no invoice number."),
        (row("2" * 101), f"“{'2' * 40}” is no invoice number."),
        (row("2" * 101, price="-1"), f"“{'2' * 40}” is no invoice number."),
        (row("2", customer="1" * 41), f"The customer number “{'1' * 40}” is too long."),
        (row("2").replace("85123A", "8" * 61), f"The article number “{'8' * 40}” is too long."),
        (row("2", price="1e999999"), "The price “1e999999” is out of range."),
        (row("2", price="1e-999999"), "The price “1e-999999” has too many decimals."),
        (row("2", price="1e9999999"), "The price “1e9999999” is not a number."),
        (row("2", price="-" + "9" * 500), f"The price “-{'9' * 39}” is not a number."),
        (row("2", price="1_0"), "The price “1_0” is not a number."),
        (row("2", price="１０"), "The price “１０” is not a number."),
        (row("2", quantity="0." + "1" * 28), "is not a number."),
        (
            row("2", at="２０１０-12-01 08:26:00"),
            "The date “２０１０-12-01 08:26:00” cannot be read",
        ),
        (row("2", at="2" * 500), f"The date “{'2' * 40}” cannot be read"),
        (row("2", quantity="1e8", price="1e7"), "Quantity times price is out of range."),
        (row("C2", quantity="9" * 500), f"The quantity “{'9' * 40}” is not a number."),
    ],
)
def test_one_bad_row_never_stops_the_others(tmp_path: Path, bad: str, reason: str) -> None:
    (error,) = errors_of(text_file(tmp_path, bad, row("1")))
    assert error.startswith("2,2,")
    assert reason in error


def test_takes_the_largest_numbers_that_fit(tmp_path: Path) -> None:
    rows = [row("1", customer="", quantity="1e4", price="1e6"), row("2", price=".5e1")]
    summary, _told = run_import(text_file(tmp_path, *rows))
    assert summary["errors"] == 0
    assert Purchase.objects.get(external_id="1").amount == Decimal(10**10)
    assert Purchase.objects.get(external_id="2").amount == 5


def test_refuses_an_invoice_that_adds_up_to_more_than_can_be_recorded(tmp_path: Path) -> None:
    big = row("2", quantity="1e4", price="1e6")
    back = row("2", quantity="-1e4", price="1e6")
    summary, told = run_import(text_file(tmp_path, row("1"), *[big] * 100, *[back] * 100))
    assert (summary["purchases"], summary["errors"]) == (1, 1)
    assert "row 3: invoice 2 refused: The rows of this invoice add up to more than" in told


def test_never_takes_long_invoice_numbers_for_one(tmp_path: Path) -> None:
    long = "5" * 100
    rows = [row(long), row(long + "1"), row(long + "2"), row(long + "3", price="x")]
    errors = errors_of(text_file(tmp_path, *rows))
    assert [error[:4] for error in errors] == ["3,3,", "4,4,", "5,5,"]
    assert Purchase.objects.get().external_id == long
    assert PurchaseLine.objects.count() == 1


def test_cuts_long_descriptions(tmp_path: Path) -> None:
    run_import(text_file(tmp_path, row("1").replace("WHITE", "茶" * 300)))
    assert PurchaseLine.objects.get().description == "茶" * 200


def test_takes_a_small_c_for_the_same_refund(tmp_path: Path) -> None:
    rows = [row("c5", quantity="-1"), row("C5", quantity="-2", price="3.00")]
    run_import(text_file(tmp_path, *rows))
    refund = Refund.objects.get()
    assert (refund.external_id, refund.amount) == ("C5", 16)
    assert RefundLine.objects.count() == 2
    summary, told = run_import(retail_file(tmp_path, [row.replace("C5", "c5") for row in rows]))
    assert (summary["refunds"], summary["errors"]) == (0, 0)
    assert "1 invoices were recorded already" in told
