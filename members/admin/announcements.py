"""Announcements: written, looked at with their count, sent to a segment and watched."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import action, display
from common.admin.shared_work import SharedWorkAdmin, resume_text
from common.errors import DomainError
from common.forms import add_domain_error
from common.numbers import format_number
from members.forms.announcements import AnnouncementForm
from members.models import Announcement, Consent, User
from members.services.announcements import (
    reached_by,
    resume_announcement,
    send_announcement,
    withdraw_announcement,
    write_announcement,
)
from members.services.announcing import told_so_far

Status = Announcement.Status
STATUS_LOOKS = {
    Status.WRITTEN.value: "note",
    Status.SENDING.value: "busy",
    Status.DONE.value: "good",
    Status.FAILED.value: "bad",
    Status.WITHDRAWN.value: "plain",
}
# The buttons that an announcement's page has, by where it stands.
BUTTONS = {
    Status.WRITTEN.value: ("send", "withdraw", "copy"),
    Status.SENDING.value: ("copy",),
    Status.DONE.value: ("copy",),
    Status.FAILED.value: ("resume", "copy"),
    Status.WITHDRAWN.value: ("copy",),
}
WORDS = ("title_en", "title_zh", "body_en", "body_zh")


@admin.register(Announcement)
class AnnouncementAdmin(SharedWorkAdmin):
    """Every announcement, newest first."""

    empty_words = _(
        "“Write an announcement” tells the members of a segment something: you see how many "
        "they are before anything is sent."
    )
    list_display = ("created_at", "title", "of_segment", "shown_told", "shown_status", "operator")
    list_select_related = ("segment", "operator")
    actions_list = ("new",)
    actions_detail = ("send", "withdraw", "resume", "copy")
    fields = (
        ("of_segment", "business_date"),
        ("operator", "created_at"),
        ("sender", "confirmed_at", "finished_at"),
        "failure",
    )

    folder = "admin/members/announcement"
    looks = STATUS_LOOKS
    buttons = BUTTONS
    at_work = (Status.SENDING,)

    def has_write_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("members.add_announcement")

    def has_send_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("members.change_announcement")

    @action(
        description=_("Write an announcement"),
        url_path="new",
        permissions=["write"],
        icon="edit_note",
    )
    def new(self, request: HttpRequest) -> HttpResponse:
        """Say whom to tell what; leads to its page, where it is looked at and sent."""
        return self._written(request, AnnouncementForm(request.POST or None))

    @action(
        description=_("Use as a template"),
        url_path="copy",
        permissions=["write"],
        icon="content_copy",
    )
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Write another one that begins with the words of this one."""
        shown: Announcement = self.object_or_404(request, object_id)
        initial = {"segment": shown.segment_id} | shown.words
        return self._written(request, AnnouncementForm(request.POST or None, initial=initial))

    @action(
        description=_("Send the announcement"), url_path="send", permissions=["send"], icon="send"
    )
    def send(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have it sent to the segment."""
        operator = cast(User, request.user)
        return self.step(
            request,
            object_id,
            _("Send the announcement"),
            send_text,
            lambda row: send_announcement(announcement=row, operator=operator),
        )

    @action(description=_("Withdraw"), url_path="withdraw", permissions=["write"], icon="undo")
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let go of it."""
        return self.step(
            request,
            object_id,
            _("Withdraw"),
            withdraw_text,
            lambda row: withdraw_announcement(announcement=row),
        )

    @action(description=_("Resume"), url_path="resume", permissions=["send"], icon="replay")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Try again what an error stopped."""
        return self.step(
            request,
            object_id,
            _("Resume"),
            resume_text,
            lambda row: resume_announcement(announcement=row),
        )

    def overview_of(self, run: Announcement) -> dict[str, Any]:
        is_told = run.is_confirmed
        return {
            "announcement": run,
            "told": run.told or told_so_far(run),
            "reached": [] if is_told else channels_reached(run),
            "segment_link": self.of_segment(run),
        }

    def stands_text(self, run: Announcement) -> str:
        told = {"status": run.get_status_display()}
        return gettext("The announcement's status: %(status)s.") % told

    def _written(self, request: HttpRequest, form: AnnouncementForm) -> HttpResponse:
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                written = write_announcement(
                    segment=data["segment"],
                    words={name: data[name] for name in WORDS},
                    operator=cast(User, request.user),
                    key=data["key"],
                )
            except DomainError as error:
                add_domain_error(form, error)
            else:
                page = reverse("admin:members_announcement_change", args=[written.pk])
                return HttpResponseRedirect(page)
        return self.page(
            request,
            "admin/action_form.html",
            title=_("Write an announcement"),
            form=form,
            explanation=_(
                "Every member reads it in the inbox in their own language, and gets it by the "
                "channels they agreed to. Nothing is sent before you have seen how many members "
                "it reaches, and confirmed it."
            ),
            back=reverse("admin:members_announcement_changelist"),
        )

    @display(description=_("title"))
    def title(self, announcement: Announcement) -> str:
        return announcement.title

    @display(description=_("segment"))
    def of_segment(self, announcement: Announcement) -> SafeString:
        page = reverse("admin:members_segment_change", args=[announcement.segment_id])
        return format_html('<a class="fact-link" href="{}">{}</a>', page, announcement.segment)

    @display(description=_("members told"))
    def shown_told(self, announcement: Announcement) -> str | None:
        is_over = announcement.finished_at is not None
        return format_number(announcement.told) if is_over else None


def channels_reached(announcement: Announcement) -> list[tuple[str, int]]:
    """By each channel in words, how many members it would reach today."""
    reached = reached_by(announcement, on=clock.today())
    return [(str(Consent.Channel(name).label), members) for name, members in reached.items()]


def send_text(announcement: Announcement) -> str:
    """What sending does, before somebody does it."""
    members = reached_by(announcement, on=clock.today())[Consent.Channel.IN_APP]
    text = ngettext(
        "%(members)s member of “%(segment)s” gets “%(title)s” once. It cannot be taken back.",
        "%(members)s members of “%(segment)s” get “%(title)s”, each once. It cannot be taken back.",
        members,
    )
    return text % {
        "members": format_number(members),
        "segment": announcement.segment,
        "title": announcement.title,
    }


def withdraw_text(announcement: Announcement) -> str:
    return gettext("It stays in the list. Nobody is told.")
