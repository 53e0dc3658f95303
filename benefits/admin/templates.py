"""Offers as operators write them: how members will read them, what is out, and giving them out."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from benefits.forms import (
    CouponTemplateForm,
    GenerateCodesForm,
    IssueListForm,
    IssueSegmentForm,
    WindowForm,
)
from benefits.funnel import funnel_of
from benefits.models import ClaimWindow, CouponBatch, CouponTemplate
from benefits.services.batches import (
    issue_next,
    members_of,
    promise_codes,
    promise_coupons,
    promise_to_segment,
)
from benefits.services.issuing import conditions_of
from benefits.words import headline, template_sentences, validity_text
from common.admin import LastingModelAdmin, TabularInline, action, display
from common.numbers import format_number
from members.models import User

from .ways import ways_of

LANGUAGES = (("en", "English"), ("zh-hans", "简体中文"))


class ClaimWindowInline(TabularInline):
    """When members of which tier may claim it on the portal."""

    model = ClaimWindow
    form = WindowForm
    fields = ("tier", "opens_at", "closes_at")
    ordering = ("tier__rank",)
    verbose_name_plural = _("Claims on the portal: a tier's time is also that of higher tiers")


@admin.register(CouponTemplate)
class CouponTemplateAdmin(SimpleHistoryAdmin, LastingModelAdmin):  # type: ignore[misc]
    """Coupons copy what an offer says when they are issued; a change is for later ones."""

    form = CouponTemplateForm
    list_display = ("shown", "code", "gives", "holds", "given_out", "stock_left", "is_active")
    list_filter = ("is_active", "kind")
    search_fields = ("code", "name_en", "name_zh")
    ordering = ("-pk",)
    autocomplete_fields = ("friend_template",)
    inlines = (ClaimWindowInline,)
    actions_detail = ("issue", "issue_to_segment", "generate")
    change_form_before_template = "admin/benefits/coupontemplate/overview.html"
    fieldsets = (
        (None, {"fields": (("name_en", "name_zh"), ("code", "is_active"))}),
        (
            _("What it gives"),
            {"fields": ("kind", ("amount", "percent", "ceiling"), ("thing_en", "thing_zh"))},
        ),
        (
            _("What it asks for"),
            {
                "fields": (
                    "minimum_spend",
                    ("categories", "stores"),
                    ("channels", "tiers"),
                    "segments",
                    ("is_stackable", "exclusive_group"),
                ),
                "description": _("Where nothing is chosen, nothing is limited."),
            },
        ),
        (_("How long"), {"fields": (("starts_on", "ends_on", "validity"),)}),
        (_("How many"), {"fields": (("stock", "per_member_limit"),)}),
        (_("For friends"), {"fields": (("friend_template", "friends_per_coupon"),)}),
        (
            _("For groups"),
            {
                "fields": (("group_size", "group_hours"),),
                "description": _(
                    "Members open a group when they may claim the coupon, and send its link: once "
                    "so many have joined in time, each gets one."
                ),
            },
        ),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: CouponTemplate | None = None
    ) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def has_issue_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.add_couponbatch")

    def context_of(self, request: HttpRequest, row: CouponTemplate) -> dict[str, Any]:
        """How members read the offer and what became of its coupons, above its columns."""
        return {**overview(row), "ways": ways_of(row, request.user)}

    @action(
        description=_("Issue to members"),
        url_path="issue",
        permissions=["issue"],
        icon="group_add",
    )
    def issue(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give each member of a list one coupon; one number that is nobody's refuses the list."""

        def perform(template: CouponTemplate, data: dict[str, Any]) -> CouponBatch:
            batch = promise_coupons(
                template=template,
                members=members_of(data["card_numbers"]),
                key=data["key"],
                operator=cast(User, request.user),
            )
            return issue_next(batch=batch)

        return self.form_page(
            request,
            object_id,
            title=_("Issue to members"),
            explanation=_(
                "Each member on the list gets one coupon and is told of it. Where a number belongs "
                "to nobody, or somebody has as many as they may, nobody gets one."
            ),
            perform=perform,
            success=issued_message,
            form_class=IssueListForm,
        )

    @action(
        description=_("Issue to a segment"),
        url_path="issue-to-segment",
        permissions=["issue"],
        icon="groups",
    )
    def issue_to_segment(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give each member of a segment one coupon; the batch tells how far they are."""

        def perform(template: CouponTemplate, data: dict[str, Any]) -> CouponBatch:
            batch = promise_to_segment(
                template=template,
                segment=data["segment"],
                key=data["key"],
                operator=cast(User, request.user),
            )
            return issue_next(batch=batch)

        return self.form_page(
            request,
            object_id,
            title=_("Issue to a segment"),
            explanation=_(
                "Each active member who is in the segment today gets one coupon and is told of it. "
                "Who has as many as a member may have is left out. Where the stock is too small "
                "for all of them, nobody gets one."
            ),
            perform=perform,
            success=issued_message,
            form_class=IssueSegmentForm,
        )

    @action(
        description=_("Generate codes"),
        url_path="generate",
        permissions=["issue"],
        icon="qr_code_2",
    )
    def generate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make codes that nobody holds, for flyers and partners."""

        def perform(template: CouponTemplate, data: dict[str, Any]) -> CouponBatch:
            batch = promise_codes(
                template=template,
                count=data["count"],
                key=data["key"],
                operator=cast(User, request.user),
            )
            return issue_next(batch=batch)

        return self.form_page(
            request,
            object_id,
            title=_("Generate codes"),
            explanation=_(
                "Whoever types in or shows one of these codes first has its coupon. They come out "
                "of the stock now; the list of coupon batches shows how far they are, and has the "
                "file to download."
            ),
            perform=perform,
            success=issued_message,
            form_class=GenerateCodesForm,
        )

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, template: CouponTemplate) -> str:
        return template.name

    @display(description=pgettext_lazy("coupon", "gives"))
    def gives(self, template: CouponTemplate) -> str:
        return headline(template)

    @display(description=_("validity"))
    def holds(self, template: CouponTemplate) -> str:
        return validity_text(template)

    @display(description=_("given out"))
    def given_out(self, template: CouponTemplate) -> str:
        return format_number(template.issued)

    @display(description=_("left"))
    def stock_left(self, template: CouponTemplate) -> str:
        return "∞" if template.left is None else format_number(template.left)


def overview(template: CouponTemplate) -> dict[str, Any]:
    """An offer in sentences of both languages, and its figures."""
    conditions = conditions_of(template)
    previews = []
    for code, name in LANGUAGES:
        with override(code):
            sentences = [str(sentence) for sentence in template_sentences(template, conditions)]
            previews.append({"language": name, "code": code, "sentences": sentences})
    return {"template": template, "previews": previews, "funnel": funnel_of(template)}


def issued_message(batch: CouponBatch) -> str:
    """What is there of a batch, and when the rest is; and who got none."""
    return " ".join(filter(None, [_progress_message(batch), left_out_message(batch)]))


def left_out_message(batch: CouponBatch) -> str:
    """How many of a segment were left out; empty for none."""
    if not batch.left_out:
        return ""
    text = ngettext(
        "%(count)s member has as many as they may and was left out.",
        "%(count)s members have as many as they may and were left out.",
        batch.left_out,
    )
    return text % {"count": format_number(batch.left_out)}


def _progress_message(batch: CouponBatch) -> str:
    if batch.is_done:
        text = ngettext("%(size)s coupon was issued.", "%(size)s coupons were issued.", batch.size)
        return text % {"size": format_number(batch.size)}
    text = gettext(
        "%(done)s of %(size)s coupons are there; the rest follows within minutes. The list of "
        "coupon batches shows how far they are."
    )
    return text % {"done": format_number(batch.done), "size": format_number(batch.size)}
