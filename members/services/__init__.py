"""Every change to who the members are."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Required, TypedDict, Unpack

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string
from phonenumber_field.phonenumber import PhoneNumber

from common import clock
from common.integrity import broken_constraint
from common.numbers import format_number
from members import rules
from members.errors import (
    CardNumbersExhausted,
    CardsMissing,
    CardsUnknown,
    EmailTaken,
    ExternalNumberTaken,
    LoginExists,
    LoginImpossible,
    MemberClosed,
    PhoneTaken,
)
from members.models import (
    Consent,
    ConsentText,
    Member,
    MemberTag,
    Notice,
    PortalDay,
    Segment,
    SegmentMembership,
    Store,
    Tag,
    User,
)
from members.notices import kind_named

from .emails import follow_email

BATCH = 300
# Of many unknown cards the first few are named.
NAMED_CARDS = 10
CARD_NUMBER_ATTEMPTS = 5
CARD_NUMBER_CONSTRAINT = "member_card_number_unique"
IDENTITY_CONSTRAINTS = {
    "member_phone_unique",
    "member_email_unique",
    "member_external_number_unique",
}


class NewMember(TypedDict, total=False):
    """What may be known of someone who joins; only the way in, `source`, must be."""

    source: Required[str]
    external_number: str | None
    family_name: str
    given_name: str
    phone: PhoneNumber | str | None
    email: str | None
    birth_year: int | None
    birth_month: int | None
    birth_day: int | None
    birth_calendar: str
    language: str
    home_store: Store | None
    joined_at: datetime | None


def register_member(**details: Unpack[NewMember]) -> Member:
    """Make someone a member with a fresh card number; joined now unless told otherwise.

    Refuses a phone number, e-mail address or customer number that another member holds
    (PhoneTaken, EmailTaken, ExternalNumberTaken) and what is none (PhoneNotValid, EmailNotValid,
    BirthdayNotValid).
    """
    return register_members([details])[0]


@transaction.atomic
def register_members(rows: Sequence[NewMember]) -> list[Member]:
    """Register many at once by the rules of `register_member`: all of them or none.

    Two rows with one phone, e-mail or customer number are refused like a number that is taken.
    """
    members = [_new_member(row) for row in rows]
    _refuse_repeats(members)
    for start in range(0, len(members), BATCH):
        batch = members[start : start + BATCH]
        _refuse_taken(batch)
        _insert(batch)
    return members


@transaction.atomic
def give_login(*, member: Member, password: str | None) -> User:
    """Let a member sign in by phone or e-mail: by a code, and by a password that a form checked.

    Refused when there is a login already (LoginExists), nothing to sign in with
    (LoginImpossible), or the membership is closed (MemberClosed).
    """
    locked = Member.objects.select_for_update().get(pk=member.pk)
    if locked.user_id is not None:
        raise LoginExists
    if locked.is_closed:
        raise MemberClosed
    if not locked.phone and not locked.email:
        raise LoginImpossible
    # Nobody types this name: it says nothing about the person and never changes.
    user = User.objects.create_user(username=f"m-{secrets.token_hex(10)}", password=password)
    member.user = user
    member.save(update_fields=["user"])
    follow_email(member=member)
    return user


@transaction.atomic
def record_consent(
    *,
    member: Member,
    channel: str,
    is_granted: bool,
    source: str,
    at: datetime | None = None,
    text: ConsentText | None = None,
    language: str = "",
) -> Consent:
    """Keep what a member said about one channel; each word is kept, the last one counts.

    `text` is the wording that was shown, and `language` the one it was shown in.
    """
    return Consent.objects.create(
        member=member,
        channel=channel,
        is_granted=is_granted,
        source=source,
        at=at or clock.now(),
        text=text,
        language=language,
    )


@transaction.atomic
def choose_language(*, member: Member, language: str) -> Member:
    """Remember the language that a member reads, for pages on other devices and for messages."""
    member.language = Member.Language(language)
    member.save(update_fields=["language"])
    return member


# It refuses nothing that a caller could mend, so no savepoint is needed inside a use case.
@transaction.atomic(savepoint=False)
def write_notice(
    *,
    member: Member,
    kind: str,
    key: str,
    params: Mapping[str, Any],
    at: datetime | None = None,
) -> None:
    """Tell a member something, in the transaction that made it true; once for each key.

    The same key again changes nothing. One statement, because callers hold locks: consents and
    channels are the sender's business. Jobs over many members insert into `members_notice`
    themselves, with ON CONFLICT (member_id, key) DO NOTHING. `params` are facts, never sentences:
    they become words in the reader's language when they are shown.
    """
    if kind_named(kind) is None:
        raise ImproperlyConfigured(f"No list in NOTICE_KINDS holds {kind}.")
    moment = at or clock.now()
    notice = Notice(
        member=member,
        kind=kind,
        key=key,
        params=dict(params),
        business_date=clock.business_date(moment),
        created_at=moment,
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)


def record_visit(*, member: Member, now: datetime | None = None) -> bool:
    """Note that a member was in the portal today; whether this is the first time today.

    One row per member and business date, whoever comes first. What a first visit brings is
    answered at once by `VISIT_ANSWERS`, and found by the night where it is not.
    """
    moment = now or clock.now()
    today = clock.business_date(moment)
    visits = PortalDay.objects.filter(member=member, business_date=today)
    if visits.exists():
        return False
    day = PortalDay(member=member, business_date=today, at=moment)
    PortalDay.objects.bulk_create([day], ignore_conflicts=True)
    for path in settings.VISIT_ANSWERS:
        import_string(path)(member=member, now=moment)
    return True


@transaction.atomic
def read_notice(*, notice: Notice) -> Notice:
    """Mark a notice as read; the first reading counts."""
    if notice.is_unread:
        Notice.objects.unread().filter(pk=notice.pk).update(read_at=clock.now())
        notice.refresh_from_db(fields=["read_at"])
    return notice


@transaction.atomic
def read_all_notices(*, member: Member) -> int:
    """Mark everything in the inbox as read and give how many were not."""
    return Notice.objects.filter(member=member).unread().update(read_at=clock.now())


def _new_member(row: NewMember) -> Member:
    joined_at = row.get("joined_at") or clock.now()
    joined_on = clock.business_date(joined_at)
    member = Member(
        card_number=rules.new_card_number(),
        source=row["source"],
        external_number=(row.get("external_number") or "").strip() or None,
        family_name=row.get("family_name", "").strip(),
        given_name=row.get("given_name", "").strip(),
        phone=rules.parse_phone(row.get("phone")),
        email=rules.parse_email(row.get("email")),
        birth_year=row.get("birth_year"),
        birth_month=row.get("birth_month"),
        birth_day=row.get("birth_day"),
        birth_calendar=row.get("birth_calendar", Member.Calendar.SOLAR),
        language=row.get("language", Member.Language.UNSET),
        home_store=row.get("home_store"),
        joined_at=joined_at,
        joined_on=joined_on,
    )
    rules.check_birthday(
        year=member.birth_year,
        month=member.birth_month,
        day=member.birth_day,
        is_lunar=member.birth_calendar == Member.Calendar.LUNAR,
        today=clock.today(),
    )
    if member.birth_month is not None:
        member.birthday_set_on = joined_on
    return member


def _refuse_repeats(members: Sequence[Member]) -> None:
    seen: set[tuple[str, object]] = set()
    for member in members:
        for error, name in _IDENTITIES:
            value = getattr(member, name)
            if value is None:
                continue
            if (name, value) in seen:
                raise error(**{name: str(value)})
            seen.add((name, value))


def _refuse_taken(members: Sequence[Member]) -> None:
    wanted = {
        name: {value for member in members if (value := getattr(member, name)) is not None}
        for _error, name in _IDENTITIES
    }
    clashes = Q()
    for name, values in wanted.items():
        if values:
            clashes |= Q(**{f"{name}__in": values})
    if not clashes:
        return
    for holder in Member.objects.filter(clashes).only(*wanted)[:1]:
        for error, name in _IDENTITIES:
            if (value := getattr(holder, name)) in wanted[name]:
                raise error(**{name: str(value)})


def _insert(members: list[Member]) -> None:
    for _attempt in range(CARD_NUMBER_ATTEMPTS):
        try:
            with transaction.atomic():
                Member.objects.bulk_create(members)
            return
        except IntegrityError as error:
            constraint = broken_constraint(error, Member)
            if constraint in IDENTITY_CONSTRAINTS:
                # Someone was faster between our look and our write, and is visible by now.
                _refuse_taken(members)
            if constraint != CARD_NUMBER_CONSTRAINT:
                raise
        for member in members:
            member.pk = None
            member.card_number = rules.new_card_number()
    raise CardNumbersExhausted


_IDENTITIES = (
    (PhoneTaken, "phone"),
    (EmailTaken, "email"),
    (ExternalNumberTaken, "external_number"),
)


def members_by_card(cards: Iterable[str]) -> list[Member]:
    """The members who hold these cards; refused as a whole where one of them is nobody's.

    A merged member's card is the kept one's.
    """
    wanted = list(dict.fromkeys(cards))
    if not wanted:
        raise CardsMissing()
    found: dict[str, Member] = {}
    for start in range(0, len(wanted), BATCH):
        held = Member.objects.filter(card_number__in=wanted[start : start + BATCH])
        found |= {member.card_number: member.holder for member in held}
    unknown = [card for card in wanted if card not in found]
    if unknown:
        named = ", ".join(unknown[:NAMED_CARDS])
        more = f" … ({format_number(len(unknown))})" if len(unknown) > NAMED_CARDS else ""
        raise CardsUnknown(cards=f"{named}{more}")
    # Two cards of one person, who was merged, are one member.
    return list({found[card].pk: found[card] for card in wanted}.values())


@transaction.atomic
def add_to_segment(*, segment: Segment, cards: Iterable[str], on: date | None = None) -> int:
    """Put members into a segment from a business date on, today unless told otherwise.

    Whoever is in it stays as they are. Gives how many are new. Refused as a whole: a card that
    nobody holds.
    """
    members = members_by_card(cards)
    Segment.objects.select_for_update().get(pk=segment.pk)
    inside = set(segment.memberships.open().values_list("member_id", flat=True))
    day = on or clock.today()
    stays = [
        SegmentMembership(segment=segment, member=member, from_on=day)
        for member in members
        if member.pk not in inside
    ]
    SegmentMembership.objects.bulk_create(stays, batch_size=BATCH)
    return len(stays)


@transaction.atomic
def take_from_segment(*, segment: Segment, cards: Iterable[str], on: date | None = None) -> int:
    """End members' stays in a segment on a business date, which holds no more; today by default.

    The stay itself is kept. Gives how many ended. Refused as a whole: a card that nobody holds.
    """
    members = members_by_card(cards)
    Segment.objects.select_for_update().get(pk=segment.pk)
    day = on or clock.today()
    ended = 0
    for start in range(0, len(members), BATCH):
        batch = members[start : start + BATCH]
        stays = segment.memberships.open().filter(member__in=batch)
        # A stay that was to begin later never holds.
        ended += stays.filter(from_on__gt=day).update(until_on=F("from_on"))
        ended += stays.filter(from_on__lte=day).update(until_on=day)
    return ended


@transaction.atomic
def tag_members(*, tag: Tag, cards: Iterable[str], operator: User | None = None) -> int:
    """Put a tag on members; on whom it is already it stays. Gives how many are new.

    Refused as a whole: a card that nobody holds.
    """
    members = members_by_card(cards)
    Tag.objects.select_for_update().get(pk=tag.pk)
    tagged = set(tag.members.values_list("member_id", flat=True))
    fresh = [member for member in members if member.pk not in tagged]
    MemberTag.objects.bulk_create(
        [MemberTag(tag=tag, member=member, operator=operator) for member in fresh],
        batch_size=BATCH,
    )
    return len(fresh)


@transaction.atomic
def untag_members(*, tag: Tag, cards: Iterable[str]) -> int:
    """Take a tag off members. Gives from how many. Refused as a whole: a card nobody holds."""
    members = members_by_card(cards)
    taken = 0
    for start in range(0, len(members), BATCH):
        ids = [member.pk for member in members[start : start + BATCH]]
        taken += MemberTag.objects.of(tag, ids).delete()[0]
    return taken
