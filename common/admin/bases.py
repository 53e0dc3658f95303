"""Bases for the operators' pages: the one place that names their library's classes."""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time
from functools import wraps
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Model
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.functional import Promise
from unfold import decorators
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import StackedInline as UnfoldStackedInline
from unfold.admin import TabularInline as UnfoldTabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.paginator import InfinitePaginator
from unfold.widgets import (
    CHECKBOX_CLASSES,
    INPUT_CLASSES,
    SELECT_CLASSES,
    TEXTAREA_CLASSES,
    UnfoldAdminDecimalFieldWidget,
)
from unfold.widgets import UnfoldAdminColorInputWidget as ColourInput

from common.errors import DomainError
from common.forms import KeyedForm, add_domain_error
from common.money import MoneyField

__all__ = [
    "AdminPasswordChangeForm",
    "ColourInput",
    "LastingModelAdmin",
    "ModelAdmin",
    "ReadOnlyModelAdmin",
    "ReadOnlyTabularInline",
    "StackedInline",
    "TabularInline",
    "UserChangeForm",
    "UserCreationForm",
    "action",
    "display",
    "dress",
]

# Dates beyond these are slips of the finger, and at the calendar's own ends nothing is counted.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
_FIELD_OVERRIDES: dict[type[models.Field[Any, Any]], dict[str, Any]] = {
    MoneyField: {"widget": UnfoldAdminDecimalFieldWidget},
    models.DateField: {"validators": [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]},
    models.DateTimeField: {
        "validators": [
            MinValueValidator(datetime.combine(FIRST_DAY, time.min, tzinfo=UTC)),
            MaxValueValidator(datetime.combine(LAST_DAY, time.min, tzinfo=UTC)),
        ]
    },
}
_LOOKS = (
    (forms.CheckboxInput, CHECKBOX_CLASSES),
    (forms.Textarea, TEXTAREA_CLASSES),
    (forms.Select, SELECT_CLASSES),
    (forms.widgets.Input, INPUT_CLASSES),
)

Perform = Callable[[Any, dict[str, Any]], object]
Success = Callable[[Any], str]
Method = TypeVar("Method", bound=Callable[..., Any])


def display(**options: Any) -> Callable[[Method], Method]:
    """Describe a column: ``description``, ``label`` (a badge), ``boolean`` and the like."""
    return cast(Callable[[Method], Method], decorators.display(**options))


def action(**options: Any) -> Callable[[Method], Method]:
    """Make a method an action: ``description``, ``url_path``, ``permissions``, ``icon``.

    Permissions are names of ``has_…_permission`` methods; Django's own would be looked up in the
    database by a system check that runs before there are any tables.
    """
    return cast(Callable[[Method], Method], decorators.action(**options))


class ModelAdmin(UnfoldModelAdmin):  # type: ignore[misc]
    """A table that operators edit: 50 rows a page, never counted as a whole."""

    list_per_page = 50
    show_full_result_count = False
    # Counts beside the choices of a filter would count the whole table, once for each.
    show_facets = ShowFacets.NEVER
    # Without a count there is no "all": an action takes the rows that were ticked.
    list_disable_select_all = True
    paginator = InfinitePaginator
    formfield_overrides = _FIELD_OVERRIDES
    warn_unsaved_form = True
    # Labels above their fields: beside them, three to a row leave no room for what they say.
    compressed_fields = False
    # What an operator reads where the list has nothing to show yet: how something comes here.
    empty_words: str | Promise = ""

    def get_urls(self) -> list[URLPattern]:
        """Django's own, where an id that can be none of this table's is nothing that is there."""
        patterns: list[URLPattern] = super().get_urls()
        for pattern in patterns:
            if "object_id" in pattern.pattern.converters:
                pattern.callback = self._of_an_id(pattern.callback)
        return patterns

    def buttons_of(self, row: Any) -> Collection[str] | None:
        """Names of the actions that a row's page has as it stands, of those that may be taken;
        None for all. A form that is sent late hears the service's refusal."""
        return None

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        actions: list[Any] = super().get_actions_detail(request, object_id)
        if not actions or type(self).buttons_of is ModelAdmin.buttons_of:
            return actions
        row = self.get_queryset(request).filter(pk=object_id).first()
        fitting = self.buttons_of(row) if row else ()
        return [each for each in actions if fitting is None or each.method.__name__ in fitting]

    def context_of(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What a row's page shows besides its columns, for its templates."""
        return {}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        if type(self).context_of is not ModelAdmin.context_of:
            row = self.get_object(request, object_id)
            context |= self.context_of(request, row) if row else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def _of_an_id(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                self.model._meta.pk.to_python(unquote(str(kwargs["object_id"])))
            except ValidationError as error:
                raise Http404 from error
            return view(request, *args, **kwargs)

        return checked

    def form_page(
        self,
        request: HttpRequest,
        object_id: str,
        *,
        title: str | Promise,
        explanation: str | Promise,
        perform: Perform,
        success: str | Promise | Success,
        form_class: type[forms.Form] = KeyedForm,
        initial: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a form for one object and, once confirmed, call a service with what it holds.

        For a method marked ``@action`` and named in ``actions_detail``: ``perform(obj, data)``
        calls the service with the cleaned data. Its refusal is shown on the form with nothing
        lost; success is told in a message on the object's page: a text, or a function of what
        the service returned. Without a ``form_class`` the page
        only asks to confirm.

        Name the action's permissions after a ``has_…_permission`` method: a system check looks
        dotted ones up in the database, which a fresh one has not got.
        """
        obj = self.object_or_404(request, object_id)
        back = reverse(
            f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change",
            args=[object_id],
        )
        is_sent = request.method == "POST"
        form = form_class(request.POST, request.FILES) if is_sent else form_class(initial=initial)
        if is_sent and form.is_valid():
            try:
                done = perform(obj, form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, success(done) if callable(success) else str(success))
                return HttpResponseRedirect(back)
        return self.page(
            request,
            "admin/action_form.html",
            title=title,
            form=form,
            explanation=explanation,
            original=obj,
            back=back,
        )

    def page(
        self,
        request: HttpRequest,
        template: str,
        *,
        title: str | Promise,
        form: forms.BaseForm | None = None,
        **context: Any,
    ) -> HttpResponse:
        """A page of the operators' side that is neither a list nor a row, with its form dressed."""
        media = self.media
        if form is not None:
            dress(form)
            media += form.media
        shared = self.admin_site.each_context(request)
        own = {"title": title, "form": form, "media": media, "opts": self.opts, **context}
        return TemplateResponse(request, template, {**shared, **own})

    def check_may_view(self, request: HttpRequest) -> None:
        """Refuse a page of this table to those who may not view it."""
        if not self.has_view_permission(request):
            raise PermissionDenied

    def object_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """The row of a page, for those who may view it."""
        obj: Model | None = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        return obj


class _ReadOnly:
    """Looking is all that anybody may do, whatever their permissions say."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyModelAdmin(_ReadOnly, ModelAdmin):
    """A table that only services write: operators look, and act through form pages.

    Lists stay in their one order, the newest first: sorting millions of rows has no index.
    """

    ordering: tuple[str, ...] = ("-pk",)
    sortable_by = ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        # Nobody changes these rows here, so there is no history of changes to link to.
        context["show_history"] = False
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response


class LastingModelAdmin(ModelAdmin):
    """A table that operators add to and edit; what was once there is named by facts and stays."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class TabularInline(UnfoldTabularInline):  # type: ignore[misc]
    """Rows of a parent that operators edit along with it."""

    extra = 0
    formfield_overrides = _FIELD_OVERRIDES


class StackedInline(UnfoldStackedInline):  # type: ignore[misc]
    """Rows of a parent, one block each."""

    extra = 0
    formfield_overrides = _FIELD_OVERRIDES


class ReadOnlyTabularInline(_ReadOnly, TabularInline):
    """Rows of a parent that operators only look at, 20 a page."""

    can_delete = False
    hide_title = True
    per_page = 20


def dress(form: forms.BaseForm) -> None:
    """Give plain widgets the look of the operators' pages; leave what is dressed already."""
    for field in form.fields.values():
        for widget, classes in _LOOKS:
            if isinstance(field.widget, widget):
                field.widget.attrs.setdefault("class", " ".join(classes))
                if widget is forms.Select:
                    # Its own look hides the browser's arrow; this draws another.
                    field.widget.template_name = "unfold/widgets/select.html"
                break
