"""Form pages of two steps: what would happen is shown first, and done once it is confirmed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.functional import Promise

from common.admin import ReadOnlyModelAdmin
from common.errors import DomainError
from common.forms import add_domain_error


@dataclass(frozen=True)
class Preview:
    """What would happen: rows of a name and a figure, and sentences below them.

    Rows of several figures have `heads` above them, one for each. `agreed` are the form's own
    fields that the operator confirms along with what is seen. What is not possible leaves only the
    way back.
    """

    rows: Sequence[tuple[str, ...]]
    heads: Sequence[str] = ()
    notes: Sequence[str] = ()
    agreed: dict[str, str] = field(default_factory=dict)
    is_possible: bool = True


@dataclass(frozen=True)
class Deed:
    """What a page is for: how to preview it, do it, tell of it and where to go then."""

    title: str | Promise
    explanation: str
    form: Callable[[Any], forms.Form]
    preview: Callable[[dict[str, Any]], Preview]
    perform: Callable[[dict[str, Any]], Model]
    success: Callable[[Any], str]
    # What this very form did before, where the service alone cannot tell by its key.
    known: Callable[[QueryDict], Model | None] = lambda sent: None


class PreviewedAdmin(ReadOnlyModelAdmin):
    """Facts that operators act upon in two steps."""

    def previewed_page(self, request: HttpRequest, obj: Model, deed: Deed) -> HttpResponse:
        """Ask, show what would happen, and do it once confirmed; a refusal is shown on the form."""
        is_sent = request.method == "POST"
        sent = request.POST.copy() if is_sent else None
        form = deed.form(sent)
        preview = None
        if sent and "confirm" in sent and (done := deed.known(sent)):
            return self._done(request, deed, done)
        if is_sent and "change" not in request.POST and form.is_valid():
            try:
                if "confirm" in request.POST:
                    return self._done(request, deed, deed.perform(form.cleaned_data))
                preview = deed.preview(form.cleaned_data)
                if sent is not None:
                    sent.update(preview.agreed)
            except DomainError as error:
                add_domain_error(form, error)
        return self.page(
            request,
            "admin/previewed_form.html",
            title=deed.title,
            form=form,
            explanation=deed.explanation,
            preview=preview,
            original=obj,
            back=_page_of(obj),
        )

    def _done(self, request: HttpRequest, deed: Deed, row: Model) -> HttpResponse:
        messages.success(request, deed.success(row))
        return HttpResponseRedirect(_page_of(row))


def _page_of(row: Model) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
