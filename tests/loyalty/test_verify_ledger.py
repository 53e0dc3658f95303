"""Each statement about the ledger, and a planted violation that its check must find."""

import json
from copy import deepcopy

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import F

from common.proof import configured_checks
from loyalty.models import (
    LotAllocation,
    PointsEntry,
    PointsLot,
    UncollectedPoints,
)
from tests.sharing import shared

from .ledgers import Story, account_of, healthy_ledger, lots_of
from .tampering import broken, overwrite, stand_in, unchecked

pytestmark = pytest.mark.django_db

INVARIANTS = [
    "I01",
    "I02",
    "I03",
    "I04",
    "I05",
    "I06",
    "I07",
    "I08",
    "I10",
    "I11",
    "I13",
    "I14",
    "I15",
    "I19",
    "I21",
    "I24",
    "I26",
    "I27",
    "I28",
    "I29",
    "I30",
    "I31",
    "I16",
    "I17",
    "I18",
    "I25",
]


ledger = shared(healthy_ledger)


@pytest.fixture
def story(ledger: Story) -> Story:
    return deepcopy(ledger)


def test_checks_every_invariant() -> None:
    assert [check.id for check in configured_checks()] == INVARIANTS


def test_a_ledger_made_by_the_services_is_clean(story: Story) -> None:
    kinds = PointsEntry.objects.order_by("kind").values_list("kind", flat=True).distinct()
    assert list(kinds) == ["adjust", "clawback", "earn", "expire", "redeem", "restore"]
    assert UncollectedPoints.objects.count() == 1
    assert PointsEntry.objects.filter(debt_after__gt=0).exists()
    assert broken() == {}


# I01: balance - debt = the sum of the entries


def test_finds_a_balance_after_that_its_entries_do_not_make(story: Story) -> None:
    entry = story.entry(story.anna, 3)
    overwrite(entry, balance_after=F("balance_after") + 5)
    row = ("entry", entry.pk, "balance_after - debt_after", 150, 155)
    assert broken() == {"I01": [row]}


def test_finds_a_balance_that_its_entries_do_not_make(story: Story) -> None:
    account = account_of(story.anna, "growth")
    overwrite(account, balance=F("balance") + 1)
    row = ("account", account.pk, "balance - debt", account.balance, account.balance + 1)
    assert broken() == {"I01": [row]}


def test_finds_an_entry_that_is_gone(story: Story) -> None:
    account = account_of(story.anna, "growth")
    last = account.entries.get(number=account.entry_count)
    overwrite(last, points=F("points"))
    last.delete()
    found = broken()
    assert set(found) == {"I01", "I19"}
    assert found["I01"] == [
        ("account", account.pk, "balance - debt", account.balance - last.points, account.balance)
    ]
    assert ("account", account.pk, "entry_count", str(last.number - 1), str(last.number)) in found[
        "I19"
    ]


# I02: the balance is what remains in lots


def test_finds_a_balance_that_is_not_in_lots(story: Story) -> None:
    account = account_of(story.dora)
    overwrite(account, balance=F("balance") + 1)
    found = broken()
    assert set(found) == {"I01", "I02"}
    assert found["I02"] == [("account", account.pk, "balance", 125, 126)]


def test_finds_lots_of_a_kind_that_has_none(story: Story) -> None:
    account = account_of(story.dora)
    overwrite(account, is_spendable=False)
    found = broken()
    assert set(found) == {"I02", "I04"}
    assert found["I02"] == [("account", account.pk, "lots of a kind that has none", 0, 3)]


# I03: what remains in a lot


def test_finds_a_lot_that_holds_what_was_never_put_in(story: Story) -> None:
    sooner, later, _pending = lots_of(story.dora)
    overwrite(sooner, remaining=F("remaining") + 1)
    overwrite(later, remaining=F("remaining") - 1)
    rows = [("lot", sooner.pk, "remaining", 40, 41), ("lot", later.pk, "remaining", 80, 79)]
    assert broken() == {"I03": rows}


def test_finds_a_lot_out_of_its_bounds(story: Story) -> None:
    sooner, later, _pending = lots_of(story.dora)
    with unchecked(PointsLot, "lot_remaining_within_points"):
        overwrite(sooner, remaining=-1)
        overwrite(later, remaining=121)
    assert broken()["I03"] == [
        ("lot", sooner.pk, "remaining", 40, -1),
        ("lot", sooner.pk, "remaining within 0 and its points", 0, -1),
        ("lot", later.pk, "remaining", 80, 121),
        ("lot", later.pk, "remaining within 0 and its points", 80, 121),
    ]


# I04: an entry moves what it says


def test_finds_entries_that_moved_something_else_than_they_say(story: Story) -> None:
    clawback, adjustment = story.entry(story.anna, 8), story.entry(story.anna, 10)
    overwrite(clawback.allocations.get(), points=-99)
    overwrite(adjustment.allocations.get(), points=-51)
    rows = [
        ("entry", clawback.pk, "moved in lots", -100, -99),
        ("entry", adjustment.pk, "moved in lots", -50, -51),
    ]
    assert broken() == {"I04": rows}


# I05: debt


def test_finds_a_debt_after_that_its_changes_do_not_make(story: Story) -> None:
    entry = story.entry(story.anna, 6)
    overwrite(entry, debt_after=151, balance_after=1)
    assert broken() == {"I05": [("entry", entry.pk, "debt_after", 150, 151)]}


def test_finds_a_debt_that_its_changes_do_not_make(story: Story) -> None:
    account = account_of(story.dora)
    overwrite(account, debt=1, balance=F("balance") + 1)
    found = broken()
    assert set(found) == {"I02", "I05"}
    assert found["I05"] == [("account", account.pk, "debt", 0, 1)]


def test_finds_a_debt_that_was_negative_once(story: Story) -> None:
    credit, debit = story.entry(story.anna, 9), story.entry(story.anna, 10)
    names = "entry_debt_not_negative", "entry_signs_fit_kind", "entry_debt_change_within_points"
    with unchecked(PointsEntry, *names):
        overwrite(credit, debt_change=-5, debt_after=-5, balance_after=F("balance_after") - 5)
        overwrite(debit, debt_change=5)
    found = broken()
    assert set(found) == {"I04", "I05"}
    assert found["I05"] == [("entry", credit.pk, "debt not negative", 0, -5)]


# I06: accounts stay apart


def test_finds_allocations_that_join_two_accounts(story: Story) -> None:
    ours = story.entry(story.anna, 10).allocations.get()
    theirs = LotAllocation.objects.get(entry__account__member=story.clara, entry__key="slip")
    overwrite(ours, lot=theirs.lot)
    overwrite(theirs, lot=ours.lot)
    anna, clara = account_of(story.anna).pk, account_of(story.clara).pk
    rows = [
        ("allocation", ours.pk, "account of its entry", clara, anna),
        ("allocation", theirs.pk, "account of its entry", anna, clara),
    ]
    assert broken() == {"I06": rows}


# I08: keys


def test_finds_a_key_with_two_effects(story: Story) -> None:
    entry = story.entry(story.anna, 10)
    stand_in(PointsEntry)
    PointsEntry.objects.filter(pk=entry.pk).update(key="d")
    assert broken() == {"I08": [("entry", entry.pk, "entries with its key", 1, 2)]}


# The command


def test_prints_a_table_and_says_clean(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_ledger")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[: len(INVARIANTS)]] == [
        [name, "0"] for name in INVARIANTS
    ]
    assert lines[-1] == "The ledger is clean."


def test_prints_the_rows_and_fails(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    entry = story.entry(story.anna, 3)
    overwrite(entry, balance_after=F("balance_after") + 5)
    with pytest.raises(CommandError, match=r"^The ledger is broken: I01\.$") as error:
        call_command("verify_ledger")
    assert error.value.returncode == 1
    account = entry.account_id
    assert (
        f"entry {entry.pk} (account {account}): balance_after - debt_after: 155, not 150"
        in capsys.readouterr().out
    )


def test_counts_all_rows_and_shows_the_first(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    account = account_of(story.anna)
    overwrite(story.entry(story.anna, 1), points=301)
    with pytest.raises(CommandError):
        call_command("verify_ledger", "--json")
    report = json.loads(capsys.readouterr().out)
    first = report["checks"][0]
    assert report["is_clean"] is False
    assert (first["id"], first["violations"]) == ("I01", account.entry_count + 1)
    assert len(first["sample"]) == 10
    assert first["sample"][0]["account"] == account.pk


def test_refuses_two_checks_with_one_id(settings) -> None:
    settings.LEDGER_CHECKS = ["loyalty.proof.CHECKS", "loyalty.proof.CHECKS"]
    with pytest.raises(ImproperlyConfigured, match="I01"):
        configured_checks()
