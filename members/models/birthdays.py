"""Every birthday that was given or corrected, and by whom."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .people import Member


class BirthdayChange(models.Model):
    """That a birthday was given by its member, or corrected by an operator with a reason.

    `before` and `after` hold year, month, day and calendar. Not append-only: erasing a person
    takes these days away as well.
    """

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="birthday_changes", verbose_name=_("member")
    )
    before = models.JSONField(_("before"))
    after = models.JSONField(_("after"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("operator"),
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("change of a birthday")
        verbose_name_plural = _("changes of birthdays")
        constraints = [
            models.CheckConstraint(
                condition=Q(operator__isnull=True, reason="")
                | (Q(operator__isnull=False) & ~Q(reason="")),
                name="birthdaychange_operator_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before_text} → {self.after_text}"

    @property
    def before_text(self) -> str:
        """The birthday as it was; a dash where there was none."""
        return birthday_text(self.before)

    @property
    def after_text(self) -> str:
        """The birthday as it became."""
        return birthday_text(self.after)


def birthday_text(told: dict[str, int | str | None]) -> str:
    """A birthday as numbers, with its calendar: 1990-02-03 (lunar)."""
    parts = [told.get("year"), told.get("month"), told.get("day")]
    numbers = "-".join(f"{part:02}" for part in parts if part)
    if not numbers:
        return "–"
    calendar = Member.Calendar(str(told["calendar"]))
    return f"{numbers} ({calendar.label})"
