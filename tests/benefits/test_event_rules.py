"""Who may register for an event and from when on; until when seats are kept; tickets."""

from dataclasses import replace
from datetime import timedelta

import pytest

from benefits.rules import events as rules
from benefits.rules.codes import new_code
from tests.loyalty.programmes import local

NOON = local(2025, 3, 14, 12)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
BEGINS, ENDS = NOON + 10 * DAY, NOON + 10 * DAY + 2 * HOUR

INVITATION = rules.Invitation(
    is_published=True, opens_at=None, windows=(), tiers=frozenset(), segments=frozenset()
)
SITTING = rules.Sitting(
    is_cancelled=False, closes_at=BEGINS, ends_at=ENDS, free=1, has_waitlist=True
)
GUEST = rules.Guest(tier=1, rank=0, segments=frozenset(), is_registered=False)
OPEN_AT = NOON + DAY
WITH_WINDOWS = replace(
    INVITATION, opens_at=OPEN_AT, windows=((1, OPEN_AT - 2 * HOUR), (2, OPEN_AT - 4 * HOUR))
)

# One row for each reason, and for what is no reason.
REASONS = [
    ("", INVITATION, SITTING, GUEST),
    ("not_found", replace(INVITATION, is_published=False), SITTING, GUEST),
    ("cancelled", INVITATION, replace(SITTING, is_cancelled=True), GUEST),
    ("over", INVITATION, replace(SITTING, ends_at=NOON), GUEST),
    ("", INVITATION, replace(SITTING, ends_at=NOON + SECOND), GUEST),
    ("tier_not_eligible", replace(INVITATION, tiers=frozenset({2, 3})), SITTING, GUEST),
    ("", replace(INVITATION, tiers=frozenset({1, 3})), SITTING, GUEST),
    (
        "tier_not_eligible",
        replace(INVITATION, tiers=frozenset({1})),
        SITTING,
        replace(GUEST, tier=None, rank=None),
    ),
    ("segment_not_eligible", replace(INVITATION, segments=frozenset({7})), SITTING, GUEST),
    (
        "",
        replace(INVITATION, segments=frozenset({7, 8})),
        SITTING,
        replace(GUEST, segments=frozenset({8, 9})),
    ),
    ("already_registered", INVITATION, SITTING, replace(GUEST, is_registered=True)),
    ("closed", INVITATION, replace(SITTING, closes_at=NOON), GUEST),
    ("", INVITATION, replace(SITTING, closes_at=NOON + SECOND), GUEST),
    ("not_started", replace(INVITATION, opens_at=NOON + SECOND), SITTING, GUEST),
    ("", replace(INVITATION, opens_at=NOON), SITTING, GUEST),
    ("", INVITATION, replace(SITTING, free=0), GUEST),
    ("full", INVITATION, replace(SITTING, free=0, has_waitlist=False), GUEST),
    ("", INVITATION, replace(SITTING, free=1, has_waitlist=False), GUEST),
]


@pytest.mark.parametrize(("code", "invitation", "sitting", "guest"), REASONS)
def test_says_why_not(
    code: str, invitation: rules.Invitation, sitting: rules.Sitting, guest: rules.Guest
) -> None:
    refusal = rules.refusal_of(invitation, sitting, guest, NOON)
    assert (refusal.code if refusal else "") == code
    assert refusal is None or "%(" not in str(refusal)


@pytest.mark.parametrize(
    ("rank", "opens_at"),
    [
        (None, OPEN_AT),
        (0, OPEN_AT),
        (1, OPEN_AT - 2 * HOUR),
        (2, OPEN_AT - 4 * HOUR),
        (3, OPEN_AT - 4 * HOUR),
    ],
)
def test_opens_earlier_for_a_tier_with_a_window_and_those_above_it(
    rank: int | None, opens_at: object
) -> None:
    assert rules.opens_for(WITH_WINDOWS, rank) == opens_at


def test_a_window_that_opens_late_takes_nothing_away() -> None:
    late = replace(WITH_WINDOWS, windows=((1, OPEN_AT + HOUR),))
    assert rules.opens_for(late, 1) == OPEN_AT


@pytest.mark.parametrize(
    ("before_close", "kept"),
    [(25 * HOUR, 24 * HOUR), (24 * HOUR, 24 * HOUR), (HOUR, HOUR), (0 * HOUR, None)],
)
def test_keeps_a_seat_for_its_hours_but_not_beyond_the_end_of_registration(
    before_close: timedelta, kept: timedelta | None
) -> None:
    until = rules.offer_until(BEGINS - before_close, hours=24, closes_at=BEGINS)
    assert until == (BEGINS - before_close + kept if kept else None)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (BEGINS - 12 * HOUR - SECOND, "check_in_not_open"),
        (BEGINS - 12 * HOUR, ""),
        (ENDS + 7 * DAY - SECOND, ""),
        (ENDS + 7 * DAY, "check_in_over"),
    ],
)
def test_lets_guests_in_from_twelve_hours_before_until_a_week_after(at: object, code: str) -> None:
    refusal = rules.check_in_refusal(BEGINS, ENDS, at)  # type: ignore[arg-type]
    assert (refusal.code if refusal else "") == code


@pytest.mark.parametrize(
    "text",
    [
        "ABCD-EFGH-JKMN",
        " abcd efgh jkmn ",
        "ＡＢＣＤ－ＥＦＧＨ－ＪＫＭＮ",
        "https://club.example/admin/benefits/eventsession/3/check-in/?code=ABCDEFGHJKMN",
        "https://club.example/x/?lang=zh&code=ABCD-EFGH-JKMN",
    ],
)
def test_reads_a_ticket_however_it_is_typed_or_scanned(text: str) -> None:
    assert rules.ticket_code(text) == "ABCDEFGHJKMN"


def test_an_address_without_a_code_is_no_ticket() -> None:
    assert rules.ticket_code("https://club.example/?page=2") != ""
    assert len({new_code() for _ticket in range(1_000)}) == 1_000
