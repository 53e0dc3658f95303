"""How long a hundred thousand codes take. Run with -m bench."""

import time

import pytest

from benefits.jobs import finish_batch
from benefits.models import Coupon
from benefits.services.batches import promise_codes

from .offers import offer

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

COUNT = 100_000
BUDGET_SECONDS = 10


def test_takes_less_than_ten_seconds() -> None:
    began = time.perf_counter()
    finish_batch(promise_codes(template=offer(), count=COUNT, key="b"))
    taken = time.perf_counter() - began
    assert Coupon.objects.values("code").distinct().count() == COUNT
    assert taken < BUDGET_SECONDS, f"{taken:.1f} s"
