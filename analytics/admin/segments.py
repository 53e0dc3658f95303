"""Segments: put together by hand, by a file, or by conditions that the nights compute."""

from collections.abc import Collection
from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from analytics.forms import SegmentFileForm
from analytics.models import MemberRun, SegmentRule
from analytics.rules.segments import Definition, parse_definition
from analytics.segment_forms import BuilderForms
from analytics.segment_words import sentence
from analytics.services.runs import begin_run
from analytics.services.segment_queries import members_meant
from analytics.services.segments import list_members, stop_rule, write_rule
from common import clock
from common.admin import action, display, dress
from common.admin.columns import spoken_date
from common.numbers import format_number
from members.admin import SegmentAdmin as ListedSegmentAdmin
from members.models import Segment, User

# The page of members' segments stands on a floor below, and knows nothing of conditions.
admin.site.unregister(Segment)

BY_HAND = ("put", "take", "list_file")


@admin.register(Segment)
class SegmentAdmin(ListedSegmentAdmin):
    """Segments of members: rules, coupons and rewards can be limited to them."""

    list_display = ("shown", "code", "made_by", "counted")
    list_select_related = ("rule",)
    actions_detail = ("conditions", "compute", "stop", *BY_HAND)
    change_form_before_template = "admin/analytics/segmentrule/overview.html"

    def has_conditions_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("members.change_segment")

    def buttons_of(self, row: Segment) -> Collection[str]:
        """By hand only what the nights do not compute."""
        is_computed = SegmentRule.objects.computed().filter(segment=row).exists()
        return {*self.actions_detail} - {*(BY_HAND if is_computed else ("compute", "stop"))}

    def context_of(self, request: HttpRequest, row: Segment) -> dict[str, Any]:
        """The segment's conditions in words."""
        rule = SegmentRule.objects.computed().filter(segment=row).first()
        return _overview(rule) if rule else {}

    @action(
        description=_("Conditions"), url_path="conditions", permissions=["conditions"], icon="tune"
    )
    def conditions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The builder: conditions in groups; how many members they mean; saved, a run begins."""
        segment: Segment = self.object_or_404(request, object_id)
        rule = SegmentRule.objects.filter(segment=segment).first()
        kept = parse_definition(rule.definition) if rule else None
        forms = BuilderForms(kept, request.POST if request.method == "POST" else None)
        counted: dict[str, Any] = {}
        if request.method == "POST":
            if "save" in request.POST or "count" in request.POST:
                if definition := forms.definition():
                    if "save" in request.POST:
                        return self._saved(request, segment, definition)
                    counted = _counted(definition)
            else:
                forms = forms.rearranged()
        for row in forms.rows:
            dress(row)
        return self.page(
            request,
            "admin/analytics/segmentrule/builder.html",
            title=_("Conditions"),
            form=forms.joins,
            builder=forms,
            original=segment,
            back=_page_of(segment),
            **counted,
        )

    def _saved(
        self, request: HttpRequest, segment: Segment, definition: Definition
    ) -> HttpResponse:
        write_rule(segment=segment, definition=definition, operator=cast(User, request.user))
        messages.success(
            request, gettext("Saved. Workers look at everybody within minutes, then every night.")
        )
        return HttpResponseRedirect(_page_of(segment))

    @action(
        description=_("Compute now"),
        url_path="compute",
        permissions=["conditions"],
        icon="sync",
    )
    def compute(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have everybody looked at before the next night."""

        def perform(segment: Segment, data: dict[str, Any]) -> MemberRun:
            operator = cast(User, request.user)
            return begin_run(kind=MemberRun.Kind.SEGMENT, rule=segment.rule, operator=operator)

        return self.form_page(
            request,
            object_id,
            title=_("Compute now"),
            explanation=_(
                "Workers look at everybody by the figures of the last night; the list of runs "
                "shows how far they are."
            ),
            perform=perform,
            success=_("The run begins within a minute."),
        )

    @action(
        description=_("Stop computing"),
        url_path="stop",
        permissions=["conditions"],
        icon="pause",
    )
    def stop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Leave the members as they are."""

        def perform(segment: Segment, data: dict[str, Any]) -> SegmentRule:
            return stop_rule(rule=segment.rule, operator=cast(User, request.user))

        return self.form_page(
            request,
            object_id,
            title=_("Stop computing"),
            explanation=_(
                "Who is in the segment stays, nights change it no more, and lists of cards may. "
                "The conditions are kept: saving them again begins anew."
            ),
            perform=perform,
            success=_("The segment stays as it is."),
        )

    @action(
        description=_("Members by file"),
        url_path="file",
        permissions=["conditions"],
        icon="upload_file",
    )
    def list_file(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Exactly the members of a file, from today on."""
        return self.form_page(
            request,
            object_id,
            title=_("Members by file"),
            explanation=_(
                "From today on exactly the members of the file belong to the segment: others "
                "leave it. One unknown card, and nothing changes."
            ),
            perform=lambda segment, data: list_members(segment=segment, lines=data["file"]),
            success=_listed,
            form_class=SegmentFileForm,
        )

    @display(description=_("made by"))
    def made_by(self, segment: Segment) -> str:
        rule = getattr(segment, "rule", None)
        return gettext("conditions") if rule and rule.is_active else gettext("lists")

    @display(description=_("members at the last count"))
    def counted(self, segment: Segment) -> str | None:
        rule = getattr(segment, "rule", None)
        if rule is None or rule.members is None:
            return None
        return f"{format_number(rule.members)} · {spoken_date(rule.computed_on)}"


def _page_of(segment: Segment) -> str:
    return reverse("admin:members_segment_change", args=[segment.pk])


def _counted(definition: Definition) -> dict[str, Any]:
    return {
        "members": members_meant(definition, clock.today()).count(),
        "sentence": sentence(definition),
    }


def _overview(rule: SegmentRule) -> dict[str, Any]:
    return {
        "rule": rule,
        "rule_sentence": sentence(parse_definition(rule.definition)),
        "rule_run": MemberRun.objects.unfinished().filter(rule=rule).first(),
    }


def _listed(moved: tuple[int, int]) -> str:
    joined, left = moved
    came = ngettext("%(count)s member joined", "%(count)s members joined", joined)
    went = ngettext("%(count)s left.", "%(count)s left.", left)
    return f"{came % {'count': format_number(joined)}}, {went % {'count': format_number(left)}}"
