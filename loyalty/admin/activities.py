"""What members did besides buying, and recording it by hand."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import action, display
from common.errors import DomainError
from common.forms import add_domain_error
from common.templatetags.programme import signed_points
from loyalty.forms import ActivityForm
from loyalty.models import Activity, PointsEntry
from loyalty.services.activities import record_activity

from .bases import MemberFactAdmin, link_to
from .purchases import EntryInline


class ActivityEntryInline(EntryInline):
    fk_name = "activity"


@admin.register(Activity)
class ActivityAdmin(MemberFactAdmin):
    """Check-ins, reviews, shares and the like, newest first."""

    list_display = ("at", "who", "kind", "reference", "streak")
    list_filter = ("kind",)
    list_select_related = ("member",)
    fields = (("who", "kind", "reference"), ("at", "business_date", "recorded_at"), "streak")
    inlines = (ActivityEntryInline,)
    actions_list = ("record",)

    def has_record_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_activity")

    @display(description=_("member"))
    def who(self, activity: Activity) -> SafeString | None:
        return link_to(activity.member)

    @display(description=_("reference"))
    def reference(self, activity: Activity) -> str:
        return activity.key

    @action(
        description=_("Record an activity"),
        url_path="record",
        permissions=["record"],
        icon="add",
    )
    def record(self, request: HttpRequest) -> HttpResponse:
        """Record what a member did, once; it earns by the rules in force."""
        now = localtime(clock.now(), clock.zone())
        is_sent = request.method == "POST"
        started = {"on": now.date(), "time": now.time()}
        form = ActivityForm(request.POST) if is_sent else ActivityForm(initial=started)
        if is_sent and form.is_valid():
            told = {name: form.cleaned_data[name] for name in ("member", "kind", "key", "at")}
            try:
                activity = record_activity(**told)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, recorded_message(activity))
                page = reverse("admin:loyalty_activity_change", args=[activity.pk])
                return HttpResponseRedirect(page)
        return self.page(
            request,
            "admin/action_form.html",
            title=_("Record an activity"),
            form=form,
            explanation=_("It earns by the rules in force. The same again counts only once."),
            back=reverse("admin:loyalty_activity_changelist"),
        )


def recorded_message(activity: Activity) -> str:
    """What became of it: the points, or that no rule gives any."""
    entries = PointsEntry.objects.filter(activity=activity, kind=PointsEntry.Kind.EARN)
    given = [
        f"{signed_points(entry.points)} {entry.account.point_type.name}"
        for entry in entries.select_related("account__point_type").order_by("pk")
    ]
    if not given:
        return gettext("The activity is recorded. No rule gives points for it.")
    return gettext("The activity is recorded: %(points)s.") % {"points": " · ".join(given)}
