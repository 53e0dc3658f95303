"""What became of a lot's dates, and pending points that an operator lets be spent."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import ReadOnlyTabularInline, display
from common.numbers import format_number
from common.templatetags.programme import day_text
from loyalty.models import LotChange, LotChangeNote, PointsLot
from members.models import Member

from .bases import link_to


class ChangesInline(ReadOnlyTabularInline):
    """Every change of the lot's dates, the newest first."""

    model = LotChange
    fields = ("at", "what", "old", "new", "left", "why", "made_by")
    readonly_fields = fields
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LotChange]:
        changes: QuerySet[LotChange] = super().get_queryset(request)
        return changes.select_related("operator", "run", "note")

    @display(description=_("date"))
    def what(self, change: LotChange) -> str:
        if change.field == LotChange.Field.EXPIRES_AT:
            return gettext("valid through")
        return gettext("spendable from")

    @display(description=_("before"))
    def old(self, change: LotChange) -> str:
        return _shown(change, change.before)

    @display(description=_("after"))
    def new(self, change: LotChange) -> str:
        return _shown(change, change.after)

    @display(description=_("points then"))
    def left(self, change: LotChange) -> str:
        return format_number(change.points)

    @display(description=_("cause"))
    def why(self, change: LotChange) -> SafeString | str:
        """The run, or the reason that an operator gave."""
        if change.run is not None:
            return link_to(change.run) or ""
        try:
            return change.note.text
        except LotChangeNote.DoesNotExist:
            return change.get_cause_display()

    @display(description=_("operator"))
    def made_by(self, change: LotChange) -> SafeString | None:
        return link_to(change.operator)


def _shown(change: LotChange, at: datetime | None) -> str:
    if at is None:
        return gettext("for ever")
    if change.field == LotChange.Field.EXPIRES_AT:
        return day_text(clock.last_valid_day(at))
    return day_text(clock.business_date(at))


def lot_activation_text(lot: PointsLot) -> str:
    """How many points an early activation of a lot concerns, and what changes."""
    text = ngettext(
        "%(points)s point of %(member)s can be spent at once and no longer from %(day)s only.",
        "%(points)s points of %(member)s can be spent at once and no longer from %(day)s only.",
        lot.remaining,
    )
    return text % {
        "points": format_number(lot.remaining),
        "member": lot.account.member,
        "day": day_text(clock.business_date(lot.available_at)),
    }


def member_activation_text(member: Member) -> str:
    """How many points of a member an early activation concerns."""
    points = PointsLot.objects.for_member(member).pending(clock.now()).points_left()
    if not points:
        return gettext("This member has no pending points.")
    text = ngettext(
        "%(points)s pending point of %(member)s can be spent at once.",
        "All %(points)s pending points of %(member)s can be spent at once.",
        points,
    )
    return text % {"points": format_number(points), "member": member}


def activated_message(changes: list[LotChange]) -> str:
    """What an early activation did."""
    points = sum(change.points for change in changes)
    text = ngettext(
        "%(points)s point can be spent now.", "%(points)s points can be spent now.", points
    )
    return text % {"points": format_number(points)}


def is_pending(object_id: Any) -> bool:
    """Whether a lot waits to be spendable."""
    return PointsLot.objects.pending(clock.now()).filter(pk=object_id).exists()
