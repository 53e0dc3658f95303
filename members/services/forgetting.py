"""What the members app forgets of a person; the row stays, under a number that nobody knows."""

from datetime import datetime
from itertools import islice

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CharField, F, ProtectedError, Q, Value
from django.db.models.functions import Cast, Concat

from common import clock
from members import rules
from members.models import (
    BirthdayChange,
    ContactCode,
    ErasureRequest,
    Member,
    MemberMerge,
    MemberTag,
    Notice,
    NoticeDelivery,
    SegmentMembership,
    User,
)
from members.notice_kinds import ERASED

ATTEMPTS = (AccessAttempt, AccessFailureLog, AccessLog)
ERASED_SOURCE = "erased"
READ_AT_ONCE = 2_000


def forget_person(*, member: Member, at: datetime) -> None:
    """Remove profile, login, messages, tags and what the audit called the person by.

    What stays: the row under a fresh card number, the days on which they were here, and what they
    said about being written to. Safe to repeat.
    """
    _forget_messages(member)
    BirthdayChange.objects.filter(member=member).delete()
    MemberTag.objects.filter(member=member).delete()
    ErasureRequest.objects.filter(member=member).update(reason="")
    _forget_merges(member)
    _end_stays(member, at)
    _forget_attempts(member)
    _forget_codes(member)
    login, member.user = member.user, None
    EmailAddress.objects.filter(user=login, email__iexact=member.email or "").delete()
    _forget_profile(member)
    if login is not None:
        forget_login(login)


def _forget_messages(member: Member) -> None:
    notices = Notice.objects.filter(member=member)
    NoticeDelivery.objects.filter(notice__in=notices).delete()
    # They stay as rows: an expiry names the notice that told of it.
    number = Cast("pk", CharField())
    notices.update(kind=ERASED, key=Concat(Value(f"{ERASED}:"), number), params={})


def _forget_merges(member: Member) -> None:
    """That two were one stays, by their numbers; what was said and taken over goes."""
    merges = MemberMerge.objects.all().of(member).order_by()
    merges.update(reason="", undo_reason="", taken_over={})


def _end_stays(member: Member, at: datetime) -> None:
    """End open stays in segments; one that was to begin later never holds."""
    today = clock.business_date(at)
    stays = SegmentMembership.objects.open().filter(member=member)
    stays.filter(from_on__gt=today).update(until_on=F("from_on"))
    stays.filter(from_on__lte=today).update(until_on=today)


def _forget_attempts(member: Member) -> None:
    """Failed and successful sign-ins under any of the member's names."""
    names = {member.email, str(member.phone or ""), member.user.username if member.user else ""}
    for model in ATTEMPTS:
        model.objects.filter(username__in=names - {"", None}).delete()


def _forget_codes(member: Member) -> None:
    """Codes that were sent to the person, whoever asked for them, and those that they asked for."""
    addresses = [address for address in (member.email, str(member.phone or "")) if address]
    asked = Q(user=member.user_id) if member.user_id else Q()
    if addresses or asked:
        ContactCode.objects.filter(Q(address__in=addresses) | asked).delete()


def _forget_profile(member: Member) -> None:
    if member.source != ERASED_SOURCE:
        # The printed card finds nobody any more. A repetition keeps the number.
        member.card_number = rules.new_card_number()
    member.status, member.source = Member.Status.CLOSED, ERASED_SOURCE
    member.family_name = member.given_name = ""
    member.external_number = member.phone = member.email = None
    member.birth_year = member.birth_month = member.birth_day = None
    member.birth_calendar, member.birthday_set_on = Member.Calendar.SOLAR, None
    member.language, member.home_store = Member.Language.UNSET, None
    member.save(
        update_fields=[
            "card_number", "status", "source", "family_name", "given_name", "external_number",
            "phone", "email", "birth_year", "birth_month", "birth_day", "birth_calendar",
            "birthday_set_on", "language", "home_store", "user",
        ]
    )  # fmt: skip


def forget_login(login: User) -> None:
    """Delete a login with its addresses; an operator's own stays an operator's.

    A login that others' rows name, because it once was an operator's, stays without a name. Its
    sessions are worth nothing from then on; `end_sessions_of_nobody` removes them.
    """
    if login.is_operator:
        return
    for kept in (EmailAddress, SocialAccount, UserSession, Authenticator):
        kept.objects.filter(user=login).delete()
    if not LogEntry.objects.filter(user=login).exists():
        try:
            with transaction.atomic():
                login.delete()
        except ProtectedError:
            pass
        else:
            return
    login.username, login.email, login.is_active = f"erased-{login.pk}", "", False
    login.set_unusable_password()
    login.save(update_fields=["username", "email", "is_active", "password"])


@transaction.atomic
def end_sessions_of_nobody() -> int:
    """Delete sessions whose login is gone or switched off; gives how many.

    A session tells whose it is only once it is opened, so all are read: once for many erasures.
    """
    ended = 0
    sessions = Session.objects.order_by("pk").iterator(chunk_size=READ_AT_ONCE)
    while batch := list(islice(sessions, READ_AT_ONCE)):
        logins = {row.session_key: row.get_decoded().get("_auth_user_id") for row in batch}
        named = {int(login) for login in logins.values() if login is not None}
        living = set(User.objects.filter(pk__in=named, is_active=True).values_list("pk", flat=True))
        dead = [key for key, login in logins.items() if login and int(login) not in living]
        ended += Session.objects.filter(pk__in=dead).delete()[0]
    return ended


def forget_audit(*, member: Member, at: datetime) -> None:
    """Take the person's name out of what operators' changes of their rows were called.

    Runs before the rows go: who changed something, and when, stays.
    """
    rows = Q(content_type=ContentType.objects.get_for_model(Member), object_id=str(member.pk))
    if member.user_id is not None:
        login = ContentType.objects.get_for_model(User)
        rows |= Q(content_type=login, object_id=str(member.user_id))
    LogEntry.objects.filter(rows).update(object_repr="–", change_message="")
