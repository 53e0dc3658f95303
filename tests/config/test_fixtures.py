"""What conftest promises: a flush may empty append-only tables, and they are guarded after it."""

import pytest
from django.db import IntegrityError, connection, transaction

from common.append_only import missing_triggers
from members import services
from members.models import Consent
from tests.factories import MemberFactory


def record_one_consent() -> Consent:
    member = MemberFactory()
    return services.record_consent(
        member=member, channel=Consent.Channel.SMS, is_granted=True, source="till"
    )


# Twice: the second turn starts from what the first one's flush has left.
@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_transactional_tests_start_empty_and_guarded(turn: int) -> None:
    assert Consent.objects.count() == 0
    assert missing_triggers(connection) == []
    consent = record_one_consent()
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.filter(pk=consent.pk).update(is_granted=False)
    assert Consent.objects.filter(is_granted=True).count() == 1
