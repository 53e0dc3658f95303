"""A member's birthday corrected by an operator, and every change of one."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import ModelAdmin, action, display
from members.forms import CorrectBirthdayForm
from members.models import BirthdayChange, Member, User
from members.services.birthdays import correct_birthday
from members.words import birthday_text

from .bases import MemberFactAdmin, link_to


class BirthdayActionAdmin(ModelAdmin):
    """The action on a member's page."""

    def has_correct_birthday_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("members.add_birthdaychange")

    @action(
        description=_("Change birthday"),
        url_path="birthday",
        permissions=["correct_birthday"],
        icon="cake",
    )
    def correct_birthday(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Correct or write down a birthday, with a reason."""
        member: Member = self.object_or_404(request, object_id)

        def perform(member: Member, data: dict[str, Any]) -> Member:
            return correct_birthday(member=member, operator=cast(User, request.user), **data)

        now = gettext("Birthday now: %(birthday)s.") % {"birthday": birthday_text(member) or "–"}
        rule = gettext(
            "A birthday that is changed shortly before it brings no gifts this year. The change, "
            "your name and the reason are kept."
        )
        return self.form_page(
            request,
            object_id,
            title=_("Change birthday"),
            explanation=f"{now} {rule}",
            perform=perform,
            success=_("The birthday was changed."),
            form_class=CorrectBirthdayForm,
            initial={
                "calendar": member.birth_calendar,
                "year": member.birth_year,
                "month": member.birth_month,
                "day": member.birth_day,
            },
        )


@admin.register(BirthdayChange)
class BirthdayChangeAdmin(MemberFactAdmin):
    """Who gave or changed which birthday, newest first."""

    list_display = ("at", "who", "was", "became", "by", "reason")
    list_select_related = ("member", "operator")
    fields = (("at", "who"), ("was", "became"), ("by", "reason"))

    @display(description=_("member"))
    def who(self, change: BirthdayChange) -> SafeString | None:
        return link_to(change.member)

    @display(description=_("before"))
    def was(self, change: BirthdayChange) -> str:
        return change.before_text

    @display(description=_("after"))
    def became(self, change: BirthdayChange) -> str:
        return change.after_text

    @display(description=_("operator"))
    def by(self, change: BirthdayChange) -> Any:
        return change.operator or gettext("the member")
