"""The ladder as a whole: its versions, and benefits from the bottom to the top."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from django.db import connection, models

from loyalty import rules
from loyalty.errors import DraftUnderWay
from loyalty.models import Ladder, LadderDraft, LadderVersion, Tier

# Any number that no other advisory lock of the project uses: "rung" in ASCII.
LADDER_LOCK = 0x72756E67


def hold_ladder() -> None:
    """Keep the ladder as it reads now until the transaction ends; any number may hold it at once.

    Taken before any account's lock, by whatever judges members: judged by one ladder and placed on
    another they would stand on a rung that they never earned, or on one that is gone.
    """
    _lock("SELECT pg_advisory_xact_lock_shared(%s)")


def change_ladder(*, by: LadderDraft | None = None) -> None:
    """Wait for whoever judges by the present ladder; who comes next judges by what we commit.

    Refused while members are still moved by a draft, or wait for it to be resumed: it places them
    on its own rungs (DraftUnderWay). `by` is the draft that asks.
    """
    _lock("SELECT pg_advisory_xact_lock(%s)")
    others = LadderDraft.objects.under_way()
    if (others.exclude(pk=by.pk) if by else others).exists():
        raise DraftUnderWay()


def _lock(statement: str) -> None:
    """On SQLite, BEGIN IMMEDIATE has let one writer in at a time already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, [LADDER_LOCK])


def ladder_version(ladder: Ladder, tiers: Sequence[Tier]) -> LadderVersion:
    """The version that says what the ladder and its tiers say now, written down when it is new.

    A ladder that is put back as it was is a new version again: versions tell a history.
    """
    content = snapshot(ladder, tiers)
    newest = LadderVersion.objects.newest()
    if newest and newest.digest == digest_of(content):
        return newest
    return LadderVersion.objects.create(content=content, digest=digest_of(content))


def digest_of(content: dict[str, Any]) -> str:
    """What tells two wordings apart."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def snapshot(ladder: Ladder, tiers: Iterable[Tier]) -> dict[str, Any]:
    """Everything that the ladder and its tiers say, as JSON keeps it."""
    return {"ladder": _columns(ladder), "tiers": [_columns(tier) for tier in tiers]}


def _columns(row: models.Model) -> dict[str, Any]:
    return {
        field.attname: None if getattr(row, field.attname) is None else field.value_to_string(row)
        for field in row._meta.concrete_fields
    }


def check_ladder() -> None:
    """Refuse the tiers as they are, where they are no ladder."""
    rules.check_ladder(list(Tier.objects.by_rank()))
