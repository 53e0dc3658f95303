"""What a member would lose by being erased: each app tells its part, by `MEMBER_LOSSES`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from members.models import Member


@dataclass(frozen=True)
class Loss:
    """One thing that would be gone, as a sentence, with an icon of the portal's sprite."""

    icon: str
    text: str


Losses = Callable[[Member, datetime], list[Loss]]


def losses_of(member: Member, at: datetime) -> list[Loss]:
    """All of it, in the active language; as many queries for any member."""
    tellers: list[Losses] = [import_string(path) for path in settings.MEMBER_LOSSES]
    return [loss for tell in tellers for loss in tell(member, at)]
