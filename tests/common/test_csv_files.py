"""CSV files carry texts that no spreadsheet computes."""

from decimal import Decimal

import pytest

from common.csv_files import csv_response, harmless


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＠A", "\tx", "\rx", "\n=1", "  =1"]
)
def test_put_an_apostrophe_before_formulas(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["14646", "a=b", "", 5, -5, Decimal("-1.50")])
def test_leave_other_texts_and_numbers(cell: object) -> None:
    assert harmless(cell) == cell


def test_are_downloads_in_utf_8() -> None:
    response = csv_response("figures", [["会员", None], ["=A1", Decimal("-2.50")]])
    assert response["Content-Disposition"] == 'attachment; filename="figures.csv"'
    content = response.getvalue()
    assert content.decode("utf-8-sig") == "会员,\r\n'=A1,-2.50\r\n"
    assert content.startswith(b"\xef\xbb\xbf")
