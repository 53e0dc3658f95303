"""Earning rules as operators write them: sentences, versions, campaigns, caps and dry runs."""

from collections.abc import Collection
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import LastingModelAdmin, action, display
from common.admin.columns import state
from common.errors import DomainError
from common.forms import add_domain_error
from loyalty.forms import RuleForm
from loyalty.forms.rules import initial_of, initial_of_campaign
from loyalty.models import EarningRule
from loyalty.rule_overview import rule_overview, sentences_of
from loyalty.sentences import rule_sentence
from loyalty.services.configuration import create_rule, retire_rule, revise_rule
from members.models import User

from .dry_runs import imagined_page

CAMPAIGN = "campaign"
PREVIEW = "preview"


class StateFilter(admin.SimpleListFilter):
    """The rules in force, unless the operator asks for some of them or for old versions."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("running", gettext("Running today")),
            ("upcoming", gettext("Upcoming")),
            ("over", gettext("Over")),
            ("campaigns", gettext("Campaigns: rules with dates")),
            ("all", gettext("Every version")),
        ]

    def choices(self, changelist: Any) -> Any:
        in_force, *others = super().choices(changelist)
        return [{**in_force, "display": gettext("In force")}, *others]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[EarningRule]
    ) -> QuerySet[EarningRule]:
        rules = EarningRule.objects.filter(pk__in=queryset.values("pk"))
        today = clock.today()
        match self.value():
            case "running":
                return rules.running(today)
            case "upcoming":
                return rules.upcoming(today)
            case "over":
                return rules.over(today)
            case "campaigns":
                return rules.dated().filter(is_current=True)
            case "all":
                return queryset
        return queryset.filter(is_current=True)


@admin.register(EarningRule)
class EarningRuleAdmin(LastingModelAdmin):
    """Rules are read here and changed by a new version: entries name the version they came from."""

    list_display = ("shown", "sentence", "kind", "version", "shown_state")
    list_filter = (StateFilter, "trigger")
    search_fields = ("code", "name_en", "name_zh")
    search_help_text = _("Code or name")
    ordering = ("code", "-version")
    fields = (("name_en", "name_zh"), ("code", "version", "shown_state"), ("kind", "trigger"))
    readonly_fields = ("shown_state", "kind")
    change_form_before_template = "admin/loyalty/earningrule/overview.html"
    actions_list = ("new_campaign", "dry_run")
    actions_detail = ("revise", "copy", "retire")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EarningRule]:
        rules = EarningRule.objects.filter(pk__in=super().get_queryset(request).values("pk"))
        return rules.with_words().order_by(*self.ordering)

    def has_change_permission(self, request: HttpRequest, obj: EarningRule | None = None) -> bool:
        return False

    def has_revise_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.change_earningrule")

    def has_write_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.add_earningrule")

    def has_look_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("loyalty.view_earningrule")

    def buttons_of(self, row: EarningRule) -> Collection[str]:
        """An old version is only copied; what is out of force already is not taken out again."""
        is_newest = EarningRule.objects.newest_version(row.code).pk == row.pk
        hidden = set() if is_newest else {"revise"}
        hidden |= set() if row.is_current else {"retire"}
        return {*self.actions_detail} - hidden

    def context_of(self, request: HttpRequest, row: EarningRule) -> dict[str, Any]:
        """What the rule says and what became of it, above its columns."""
        return {"overview": rule_overview(row, clock.today())}

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A new rule: empty, like another one, or a campaign to be dated."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_campaign = request.GET.get("preset") == CAMPAIGN
        initial = initial_of_campaign() if is_campaign else self._initial_copy(request)
        form = RuleForm(request.POST or None, initial=initial)
        if form.is_valid() and PREVIEW not in request.POST:
            operator = cast(User, request.user)
            try:
                rule = create_rule(operator=operator, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error, "code")
            else:
                self.log_addition(request, rule, [{"added": {}}])
                return self._done(request, rule, gettext("The rule is in force."))
        return self._form_page(
            request,
            form,
            title=_("New campaign") if is_campaign else _("New rule"),
            explanation=_("It counts for what happens from now on."),
            back=reverse("admin:loyalty_earningrule_changelist"),
        )

    @action(
        description=_("New version"),
        url_path="new-version",
        permissions=["revise"],
        icon="edit",
    )
    def revise(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Write the rule as it shall read for what happens from now on."""
        rule: EarningRule = self.object_or_404(request, object_id)
        form = RuleForm(request.POST or None, rule=rule, initial=initial_of(rule))
        if form.is_valid() and PREVIEW not in request.POST:
            operator = cast(User, request.user)
            try:
                revised = revise_rule(rule=rule, operator=operator, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                self.log_change(request, revised, [{"changed": {"fields": ["version"]}}])
                return self._done(request, revised, gettext("The new version is in force."))
        return self._form_page(
            request,
            form,
            title=_("New version"),
            explanation=_(
                "It counts for what happens from now on. Points already earned stay, and so does "
                "what the caps have let through."
            ),
            back=_page_of(rule),
            original=rule,
        )

    @action(description=_("Copy"), url_path="copy", permissions=["write"], icon="content_copy")
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Begin a new rule that reads like this one."""
        rule: EarningRule = self.object_or_404(request, object_id)
        return HttpResponseRedirect(f"{reverse('admin:loyalty_earningrule_add')}?like={rule.pk}")

    @action(
        description=_("Take out of force"),
        url_path="take-out-of-force",
        permissions=["revise"],
        icon="block",
    )
    def retire(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End the rule for what happens from now on."""

        def perform(rule: EarningRule, data: dict[str, Any]) -> None:
            self.log_change(
                request, retire_rule(rule=rule), [{"changed": {"fields": ["in force"]}}]
            )

        return self.form_page(
            request,
            object_id,
            title=_("Take out of force"),
            explanation=gettext(
                "What happens from now on earns nothing by this rule. Points already earned stay. "
                "A new version puts it in force again."
            ),
            perform=perform,
            success=_("The rule is out of force."),
        )

    @action(
        description=_("New campaign"),
        url_path="new-campaign",
        permissions=["write"],
        icon="celebration",
    )
    def new_campaign(self, request: HttpRequest) -> HttpResponse:
        """A new rule with dates, begun as a double points day."""
        page = reverse("admin:loyalty_earningrule_add")
        return HttpResponseRedirect(f"{page}?preset={CAMPAIGN}")

    @action(description=_("Dry run"), url_path="dry-run", permissions=["look"], icon="experiment")
    def dry_run(self, request: HttpRequest) -> HttpResponse:
        return imagined_page(self, request)

    def _initial_copy(self, request: HttpRequest) -> dict[str, Any] | None:
        like = request.GET.get("like", "")
        rule = EarningRule.objects.filter(pk=int(like)).first() if like.isdecimal() else None
        return initial_of(rule) if rule else None

    def _form_page(
        self,
        request: HttpRequest,
        form: RuleForm,
        *,
        title: str | Promise,
        explanation: str | Promise,
        back: str,
        original: EarningRule | None = None,
    ) -> HttpResponse:
        """The form, under the sentences that the rule would say once it is in order."""
        return self.page(
            request,
            "admin/loyalty/earningrule/form.html",
            title=title,
            explanation=explanation,
            form=form,
            sentences=sentences_of(*form.draft) if form.draft else None,
            back=back,
            original=original,
        )

    def _done(self, request: HttpRequest, rule: EarningRule, text: str) -> HttpResponse:
        messages.success(request, text)
        return HttpResponseRedirect(_page_of(rule))

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, rule: EarningRule) -> str:
        return rule.name

    @display(description=_("what it says"))
    def sentence(self, rule: EarningRule) -> str:
        return rule_sentence(rule)

    @display(description=_("kind of points"))
    def kind(self, rule: EarningRule) -> str:
        return rule.point_type.name

    @display(description=_("state"))
    def shown_state(self, rule: EarningRule) -> SafeString:
        return state_of(rule)


def state_of(rule: EarningRule) -> SafeString:
    """Whether a rule counts today, later, or no more."""
    today = clock.today()
    if not rule.is_current:
        return state(gettext("Out of force"), "plain")
    if rule.starts_on and rule.starts_on > today:
        return state(gettext("Upcoming"), "note")
    if rule.ends_on and rule.ends_on < today:
        return state(gettext("Over"), "plain")
    return state(gettext("Running"), "good")


def _page_of(rule: EarningRule) -> str:
    return reverse("admin:loyalty_earningrule_change", args=[rule.pk])
