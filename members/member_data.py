"""What is known of a member, table by table; each app lists its own in `MEMBER_DATA`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db.models import Field, ForeignKey, Model
from django.utils.module_loading import import_string

from members.models import (
    Agreement,
    BirthdayChange,
    Consent,
    ContactCode,
    ErasureRequest,
    Member,
    MemberMerge,
    MemberTag,
    Notice,
    NoticeDelivery,
    PortalDay,
    SegmentMembership,
    User,
)

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class DataTable:
    """One table with rows of members.

    `path` leads from a row to its member. Every column is told, so that a new one is told too,
    but for those of `hidden` and operators' names. `named` says for rows of the programme by
    which of their columns they are called: a tier by its code rather than by its id.
    """

    model: type[Model]
    path: str = "member"
    named: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """How files call it: loyalty.purchase."""
        return self.model._meta.label_lower

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What is told of a row, by column; the id comes first."""
        return tuple(column.name for column in self.model._meta.fields if self._told(column))

    def rows(self, member_ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """The rows of one person's members, the oldest first, read some at a time: one query."""
        of_them = {f"{self.path}__in": member_ids}
        rows = self.model._default_manager.filter(**of_them).order_by("pk")
        lookups = [self._lookup(name) for name in self.columns]
        return rows.values_list(*lookups).iterator(chunk_size=ROWS_AT_ONCE)

    def _told(self, column: Field[Any, Any]) -> bool:
        if column.name in self.hidden or column.name == self.path:
            return False
        is_operator = isinstance(column, ForeignKey) and column.related_model is User
        return not is_operator

    def _lookup(self, name: str) -> str:
        return f"{name}__{self.named[name]}" if name in self.named else name


def ids_of_person(member: Member) -> list[int]:
    """A member and all who were merged into them."""
    merged = Member.objects.filter(merged_into=member).order_by("pk")
    return [member.pk, *merged.values_list("pk", flat=True)]


@dataclass(frozen=True)
class MemberData:
    """An app's tables with rows of members, and those that are left out, by label with a reason."""

    tables: Sequence[DataTable]
    left_out: Mapping[str, str] = field(default_factory=dict)


def configured_tables() -> list[DataTable]:
    """The tables of every app, in the order of `MEMBER_DATA`."""
    return [table for data in _configured() for table in data.tables]


def configured_exceptions() -> dict[str, str]:
    """What is left out of all apps' tables, and why."""
    return {label: reason for data in _configured() for label, reason in data.left_out.items()}


def _configured() -> list[MemberData]:
    return [import_string(path) for path in settings.MEMBER_DATA]


DATA = MemberData(
    tables=[
        DataTable(Member, "pk", named={"home_store": "code"}),
        DataTable(
            User,
            "member",
            hidden=frozenset({"password", "is_superuser", "is_staff", "is_active"}),
        ),
        DataTable(EmailAddress, "user__member"),
        DataTable(UserSession, "user__member", hidden=frozenset({"session_key", "data"})),
        DataTable(SocialAccount, "user__member"),
        DataTable(ContactCode, "user__member", hidden=frozenset({"digest"})),
        DataTable(Agreement, named={"text": "version"}),
        DataTable(Consent, named={"text": "version"}),
        DataTable(BirthdayChange),
        DataTable(Notice),
        DataTable(NoticeDelivery, "notice__member"),
        DataTable(PortalDay),
        DataTable(SegmentMembership, named={"segment": "code"}),
        DataTable(MemberTag, named={"tag": "code"}),
        DataTable(ErasureRequest),
        DataTable(MemberMerge, "kept"),
    ],
    left_out={
        "account.EmailConfirmation": "secrets of a link that was sent: worth nothing to its reader",
        "mfa.Authenticator": "secrets of a second step: worth nothing to their reader",
        "socialaccount.SocialToken": "secrets of another service, of which none is kept",
        "admin.LogEntry": "what operators did: it is the shop's record of them",
        "members.User_groups": "rights of an operator",
        "members.User_user_permissions": "rights of an operator",
    },
)
