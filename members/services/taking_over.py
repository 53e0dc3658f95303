"""What a kept member lacks and has from a merged one: contacts, login, profile, consents."""

from datetime import datetime
from typing import Any

from members import rules
from members.models import Consent, Member, MemberMerge

from . import record_consent
from .emails import follow_email

# One member holds each of these: they move. A login moves with all that hangs on it.
MOVED = ("phone", "email", "external_number", "user_id")
# These the merged member keeps as well; a birthday and a name are taken as a whole or not at all.
COPIED = (
    ("family_name", "given_name"),
    ("birth_year", "birth_month", "birth_day", "birth_calendar", "birthday_set_on"),
    ("language",),
    ("home_store_id",),
)
# What a member has who never said; of everything else there is none.
EMPTY = {
    "family_name": "",
    "given_name": "",
    "birth_calendar": Member.Calendar.SOLAR,
    "language": Member.Language.UNSET,
}
CONSENTS = "consents"
MERGE, UNDONE = "merge", "merge undone"


def take_over(kept: Member, merged: Member, *, at: datetime) -> dict[str, Any]:
    """Give a kept member what only the merged one has; tells what, by column."""
    taken = _move(merged, kept, _lacking(kept, merged))
    copied = _copy(kept, merged)
    _save(merged, list(taken))
    _save(kept, [*taken, *copied])
    _follow(kept, merged)
    channels = _take_consents(kept, merged, at)
    told: dict[str, Any] = {name: _plain(value) for name, value in {**taken, **copied}.items()}
    return told | {CONSENTS: channels} if channels else told


def give_back(merge: MemberMerge, *, at: datetime) -> None:
    """Return what was taken over, where the kept member has it still as it came.

    A contact that the kept member changed meanwhile is free, and the merged member's again unless
    somebody else took it.
    """
    kept, merged = merge.kept, merge.merged
    told = dict(merge.taken_over)
    channels = told.pop(CONSENTS, [])
    moved = [name for name in MOVED if name in told]
    back = {name: told[name] for name in moved if _may_return(kept, told, name)}
    unchanged = _unchanged(kept, told)
    for name in unchanged:
        setattr(kept, name, EMPTY.get(name))
    _save(kept, unchanged)
    for name, value in back.items():
        setattr(merged, name, rules.parse_phone(value) if name == "phone" else value)
    _save(merged, list(back))
    _follow(kept, merged)
    _return_consents(kept, channels, at)


def _lacking(kept: Member, merged: Member) -> list[str]:
    return [name for name in MOVED if not getattr(kept, name) and getattr(merged, name)]


def _move(giver: Member, taker: Member, names: list[str]) -> dict[str, Any]:
    moved = {name: getattr(giver, name) for name in names}
    for name, value in moved.items():
        setattr(giver, name, None)
        setattr(taker, name, value)
    return moved


def _copy(kept: Member, merged: Member) -> dict[str, Any]:
    copied: dict[str, Any] = {}
    for names in COPIED:
        # A birthday's calendar is never empty: the others say whether there is one.
        empty = [name for name in names if name != "birth_calendar"]
        if any(getattr(kept, name) for name in empty):
            continue
        if any(getattr(merged, name) for name in empty):
            copied |= {name: getattr(merged, name) for name in names}
    for name, value in copied.items():
        setattr(kept, name, value)
    return copied


def _may_return(kept: Member, told: dict[str, Any], name: str) -> bool:
    """Whether a merged member gets a number or login back: nobody but the kept one holds it."""
    if name == "user_id":
        return bool(kept.user_id == told[name])
    return not Member.objects.exclude(pk=kept.pk).filter(**{name: told[name]}).exists()


def _unchanged(kept: Member, told: dict[str, Any]) -> list[str]:
    """What the kept member has as it came; of a name or birthday that was corrected nothing is."""
    groups = [(name,) for name in MOVED] + list(COPIED)
    return [
        name
        for names in groups
        if all(name in told and _plain(getattr(kept, name)) == told[name] for name in names)
        for name in names
    ]


def _save(member: Member, names: list[str]) -> None:
    if names:
        member.save(update_fields=[name.removesuffix("_id") for name in names])


def _follow(kept: Member, merged: Member) -> None:
    """Addresses of logins are those of the members who have the logins now."""
    for member in (merged, kept):
        follow_email(member=member)


def _take_consents(kept: Member, merged: Member, at: datetime) -> list[str]:
    """A word that was given holds on; what the kept member said of a channel counts before it."""
    said, others = Consent.objects.current(kept), Consent.objects.current(merged)
    channels = [name for name, granted in others.items() if granted and name not in said]
    for channel in channels:
        record_consent(member=kept, channel=channel, is_granted=True, source=MERGE, at=at)
    return channels


def _return_consents(kept: Member, channels: list[str], at: datetime) -> None:
    """What was taken over and not said anew since holds no more."""
    for channel in channels:
        last = Consent.objects.filter(member=kept, channel=channel).latest("at", "pk")
        if last.source == MERGE:
            record_consent(member=kept, channel=channel, is_granted=False, source=UNDONE, at=at)


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    return value if value is None or isinstance(value, int) else str(value)
