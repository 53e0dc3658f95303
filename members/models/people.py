"""Who the members are, where they shop, and how people sign in."""

import unicodedata
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField
from simple_history.models import HistoricalRecords

from common.models import Named
from members import rules

# Fewer digits begin too many numbers to be worth a search.
SHORTEST_BEGINNING = 4


class UserQuerySet(models.QuerySet["User"]):
    def for_login(self, identifier: str) -> "User | None":
        """Whom this phone number, e-mail address or user name signs in.

        A member's phone and e-mail come first, then an operator's user name and e-mail: whoever
        is both with two logins signs in as operator by user name. Case does not matter.
        """
        text = rules.plain_login(identifier)
        # As a user name the text counts as it was typed: one may look like a phone number.
        typed = identifier.strip().lower()
        return self._by_phone(text) or self._by_email(text) or self._by_name(typed)

    def reached_at(self, contact: rules.Contact) -> "User | None":
        """Whose login it is that a code reaches there; a user name that looks alike is nobody's."""
        text = contact.address
        return self._by_phone(text) if contact.channel == rules.SMS else self._by_email(text)

    def _by_phone(self, text: str) -> "User | None":
        # A phone number is the only plain login that may begin with a plus sign.
        return self._of_member(phone=text) if text.startswith("+") else None

    def _of_member(self, **contact: str) -> "User | None":
        """The login of the member who is reached there, or of the one they were merged into."""
        own = {f"member__{name}": address for name, address in contact.items()}
        merged = {f"member__merged_members__{name}": said for name, said in contact.items()}
        found = self.filter(**own, member__merged_into__isnull=True).first()
        return found or self.filter(**merged).first()

    def _by_email(self, text: str) -> "User | None":
        if "@" not in text:
            return None
        member = self._of_member(email=text)
        return member or self.annotate(lower_email=Lower("email")).filter(lower_email=text).first()

    def _by_name(self, text: str) -> "User | None":
        return self.annotate(lower_name=Lower("username")).filter(lower_name=text).first()


class LoginManager(UserManager["User"]):
    # Migrations keep no reference to this module.
    use_in_migrations = False

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def for_login(self, identifier: str) -> "User | None":
        return self.get_queryset().for_login(identifier)

    def reached_at(self, contact: rules.Contact) -> "User | None":
        return self.get_queryset().reached_at(contact)


class User(AbstractUser):
    """A login and nothing else: an operator's by user name, a member's by phone or e-mail."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    objects: ClassVar[LoginManager] = LoginManager()

    class Meta:
        verbose_name = _("login")
        verbose_name_plural = _("logins")
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique_any_case",
                violation_error_message=_("Someone has this user name already."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="user_email_unique_any_case",
                violation_error_message=_("Someone signs in with this e-mail address already."),
            ),
        ]

    @property
    def is_operator(self) -> bool:
        """Whether the operators' side is open to this login; an operator may also be a member."""
        return self.is_staff

    def get_full_name(self) -> str:
        return self.username

    def get_short_name(self) -> str:
        return self.username


class Store(Named):
    """A place where members shop."""

    code = models.CharField(_("code"), max_length=40)
    city = models.CharField(_("city"), max_length=80, blank=True)
    is_active = models.BooleanField(_("open"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="store_code_unique"),
            models.CheckConstraint(condition=~Q(code=""), name="store_code_given"),
        ]


class MemberQuerySet(models.QuerySet["Member"]):
    def active(self) -> Self:
        return self.filter(status=Member.Status.ACTIVE)

    def reached_at(self, contact: rules.Contact) -> Self:
        """The one member whose phone number or e-mail address this is, or none."""
        field = "phone" if contact.channel == rules.SMS else "email"
        return self.filter(**{field: contact.address})

    def after(self, member_id: int) -> Self:
        """Members behind this one, in order: a keyset page."""
        return self.filter(pk__gt=member_id).order_by("pk")

    def search(self, text: str) -> Self:
        """Members by card number, phone, e-mail, customer number or name, as an operator types.

        Numbers match from their beginning once there are four digits, all else as a whole: every
        condition is one index's, whatever the number of members. Nothing typed finds everyone.
        """
        plain = unicodedata.normalize("NFKC", text).strip()
        if not plain:
            return self
        number = "".join(plain.split()).replace("-", "")
        found = Q(external_number=plain)
        if "@" in plain:
            found |= Q(email=plain.lower())
        elif number.removeprefix("+").isdecimal():
            found |= _numbered(number)
        else:
            found |= _named(plain)
        return self.filter(found)

    def identified_by(self, text: str) -> list["Member"]:
        """Whose card, phone, e-mail or customer number this is as a whole; else whose id.

        What a merged member shows is the kept one's.
        """
        plain = unicodedata.normalize("NFKC", text).strip()
        number = "".join(plain.split()).replace("-", "")
        login = rules.plain_login(plain)
        named = Q(card_number=number) | Q(external_number=plain)
        named |= Q(phone=login) | Q(email=login)
        found = list(self.filter(named).order_by("pk"))
        if found or not _is_id(number):
            return list({member.holder.pk: member.holder for member in found}.values())
        return list(self.filter(pk=int(number)))


def _is_id(text: str) -> bool:
    # More digits than a bigint holds are no id.
    return text.isdecimal() and len(text) < 19


def _numbered(number: str) -> Q:
    if len(number) < SHORTEST_BEGINNING:
        return Q()
    phone = rules.phone_beginning(number)
    found = _begins("phone", phone, length=16)
    if not number.startswith("+"):
        found |= _begins("card_number", number, length=rules.CARD_NUMBER_LENGTH)
        found |= _begins("external_number", number, length=64)
    return found


def _begins(field: str, digits: str, *, length: int) -> Q:
    # A range, not LIKE: only digits follow, so it is right in every collation and uses the index.
    return Q(**{f"{field}__range": (digits, digits.ljust(length, "9"))})


def _named(text: str) -> Q:
    # The index on names leaves out the blank ones; SQLite uses it only when told so.
    known = ~Q(family_name="")
    found = Q(family_name=text) & known
    for family_name, given_name in rules.name_guesses(text):
        found |= Q(family_name=family_name, given_name=given_name) & known
    return found


class Member(models.Model):
    """A customer in the programme; has a login only after claiming one."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")

    class Calendar(models.TextChoices):
        SOLAR = "solar", _("solar")
        LUNAR = "lunar", _("lunar")

    class Language(models.TextChoices):
        UNSET = "", _("not chosen")
        ENGLISH = "en", _("English")
        CHINESE = "zh-hans", _("Simplified Chinese")

    card_number = models.CharField(_("card number"), max_length=rules.CARD_NUMBER_LENGTH)
    external_number = models.CharField(
        _("customer number"),
        max_length=64,
        null=True,
        blank=True,
        help_text=_("The shop's own number for this customer."),
    )
    source = models.CharField(
        _("joined through"), max_length=40, help_text=_("For example till or portal.")
    )
    family_name = models.CharField(_("family name"), max_length=80, blank=True)
    given_name = models.CharField(_("given name"), max_length=80, blank=True)
    phone = PhoneNumberField(_("phone number"), max_length=20, null=True, blank=True)
    email = models.EmailField(_("e-mail address"), null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    birth_month = models.PositiveSmallIntegerField(_("month of birth"), null=True, blank=True)
    birth_day = models.PositiveSmallIntegerField(_("day of birth"), null=True, blank=True)
    birth_calendar = models.CharField(
        _("birthday's calendar"),
        max_length=5,
        choices=Calendar.choices,
        default=Calendar.SOLAR,
    )
    birthday_set_on = models.DateField(_("birthday given on"), null=True, blank=True)
    language = models.CharField(
        _("language"), max_length=7, choices=Language.choices, blank=True, default=Language.UNSET
    )
    home_store = models.ForeignKey(
        Store,
        verbose_name=_("home store"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
    )
    joined_at = models.DateTimeField(_("joined at"))
    joined_on = models.DateField(_("joined on"))
    status = models.CharField(
        _("status"), max_length=6, choices=Status.choices, default=Status.ACTIVE
    )
    user = models.OneToOneField(
        User,
        verbose_name=_("login"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="member",
    )
    # Few have one: the index is partial.
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="merged_members",
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["card_number"], name="member_card_number_unique"),
            models.UniqueConstraint(
                fields=["external_number"], name="member_external_number_unique"
            ),
            models.UniqueConstraint(fields=["phone"], name="member_phone_unique"),
            models.UniqueConstraint(fields=["email"], name="member_email_unique"),
            models.CheckConstraint(
                condition=Exact(Length("card_number"), rules.CARD_NUMBER_LENGTH),
                name="member_card_number_length",
            ),
            models.CheckConstraint(
                condition=~Q(external_number=""), name="member_external_number_null_when_unknown"
            ),
            models.CheckConstraint(
                condition=Q(phone__isnull=True) | Q(phone__startswith="+"),
                name="member_phone_international",
            ),
            models.CheckConstraint(
                condition=~Q(email="") & Q(email=Lower("email")), name="member_email_lower_case"
            ),
            models.CheckConstraint(
                # Month and day both unknown, or both given: a NULL must not make the check pass.
                condition=Q(birth_month__isnull=True, birth_day__isnull=True)
                | Q(birth_month__isnull=False, birth_day__isnull=False)
                & Q(birth_month__range=(1, 12))
                & (
                    Q(birth_day__range=(1, 29))
                    | Q(birth_day=30) & (~Q(birth_month=2) | Q(birth_calendar="lunar"))
                    | Q(birth_day=31, birth_month__in=(1, 3, 5, 7, 8, 10, 12))
                    & Q(birth_calendar="solar")
                ),
                name="member_birthday_is_a_day",
            ),
            models.CheckConstraint(
                condition=Q(birth_year__isnull=True)
                | Q(birth_year__range=(rules.FIRST_BIRTH_YEAR, 2199)),
                name="member_birth_year_sane",
            ),
            models.CheckConstraint(
                condition=Q(birth_calendar__in=("solar", "lunar")), name="member_calendar_known"
            ),
            models.CheckConstraint(
                condition=Q(language__in=("", "en", "zh-hans")), name="member_language_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=("active", "paused", "closed")), name="member_status_known"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True)
                | Q(status="closed") & ~Q(merged_into=F("id")),
                name="member_merged_is_closed",
            ),
        ]
        indexes = [
            # Partial: most imported members have neither a name nor a birthday.
            models.Index(
                fields=["family_name", "given_name"],
                condition=~Q(family_name=""),
                name="member_by_name",
            ),
            models.Index(
                fields=["birth_month", "birth_day"],
                condition=Q(birth_month__isnull=False),
                name="member_by_birthday",
            ),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="member_merged_into",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name as its bearer writes it, or the last digits of the card."""
        name = rules.full_name(family_name=self.family_name, given_name=self.given_name)
        return name or _("Member •%(digits)s") % {"digits": self.card_number[-4:]}

    @property
    def is_closed(self) -> bool:
        return self.status == self.Status.CLOSED

    @property
    def holder(self) -> "Member":
        """Whose things are meant by this member: the kept one's once they were merged."""
        return self.merged_into or self
