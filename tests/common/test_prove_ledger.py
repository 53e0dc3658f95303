"""The nightly proof keeps what it finds and lets the night go on."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from django.db.models import F

from common.jobs.proof import prove_ledger
from common.models import LedgerProof
from common.proof import configured_checks
from loyalty.models import PointsAccount
from tests.loyalty.ledgers import member_with_points
from tests.loyalty.programmes import base_points

pytestmark = pytest.mark.django_db

NIGHT = date(2025, 3, 1)


@pytest.fixture
def account() -> PointsAccount:
    base_points()
    member_with_points(100, 40)
    return PointsAccount.objects.get()


@contextmanager
def errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.ERROR, logger="common.jobs.proof"):
        yield


def test_keeps_a_clean_proof(account: PointsAccount, caplog: pytest.LogCaptureFixture) -> None:
    count = len(configured_checks())
    with errors(caplog):
        assert prove_ledger(NIGHT, 0, 0) == {"checks": count, "violations": 0}
    proof = LedgerProof.objects.get()
    assert (proof.business_date, proof.checks, proof.is_clean) == (NIGHT, count, True)
    assert (proof.findings, caplog.records) == ([], [])


def test_keeps_and_logs_what_is_broken_and_mends_nothing(
    account: PointsAccount, caplog: pytest.LogCaptureFixture
) -> None:
    PointsAccount.objects.update(balance=F("balance") + 7)
    with errors(caplog):
        counts = prove_ledger(NIGHT, 0, 0)
    assert counts["violations"] == 2
    proof = LedgerProof.objects.get()
    assert (proof.violations, proof.broken) == (2, "I01, I02")
    row = proof.findings[0]["sample"][0]
    assert (row["subject"], row["id"]) == ("account", account.pk)
    assert [record.getMessage().split()[0] for record in caplog.records] == ["I01", "I02"]
    account.refresh_from_db()
    assert account.balance == 147


def test_keeps_every_proof_of_a_night(account: PointsAccount) -> None:
    PointsAccount.objects.update(balance=F("balance") + 7)
    prove_ledger(NIGHT, 0, 0)
    PointsAccount.objects.update(balance=F("balance") - 7)
    prove_ledger(NIGHT, 0, 0)
    assert list(LedgerProof.objects.order_by("pk").values_list("violations", flat=True)) == [2, 0]
