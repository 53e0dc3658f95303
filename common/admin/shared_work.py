"""Runs that workers are at, for operators: what was asked for, how far it is, what came of it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.models import JobStatus

from .bases import ReadOnlyModelAdmin, display
from .columns import preformatted, progress_bar, state


class SharedWorkAdmin(ReadOnlyModelAdmin):
    """Every run, newest first. A run's page renews itself while workers are at it.

    Its folder of templates holds `overview.html` and the part of it that is asked for again,
    `_progress.html`.
    """

    folder: ClassVar[str]
    # By the run's status: how it looks, and which buttons the page has.
    looks: ClassVar[Mapping[str, str]]
    buttons: ClassVar[Mapping[str, Collection[str]]]
    # Where workers are at a run.
    at_work: ClassVar[Collection[str]]

    def overview_of(self, run: Any) -> dict[str, Any]:
        """What the run's page shows besides how far it is."""
        raise NotImplementedError

    def stands_text(self, run: Any) -> str:
        """Where a run stands after somebody did something to it."""
        raise NotImplementedError

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An error only where there is one."""
        fields = super().get_fields(request, obj)
        is_failed = obj is not None and obj.status == JobStatus.FAILED
        return fields if is_failed else [name for name in fields if name != "failure"]

    def get_urls(self) -> list[URLPattern]:
        progress = path(
            "<path:object_id>/progress/",
            self.admin_site.admin_view(self.progress_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_progress",
        )
        return [progress, *super().get_urls()]

    def buttons_of(self, row: Any) -> Collection[str]:
        return self.buttons.get(row.status, ())

    @property
    def change_form_before_template(self) -> str:
        return f"{self.folder}/overview.html"

    def context_of(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return self._shown(row)

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The part of a run's page that renews itself while workers are at it."""
        run = self.object_or_404(request, object_id)
        response = render(request, f"{self.folder}/_progress.html", self._shown(run))
        if run.status not in self.at_work:
            # The page shows more of a run that nobody is at: have the browser load it anew.
            response["HX-Refresh"] = "true"
        return response

    def step(
        self,
        request: HttpRequest,
        object_id: str,
        title: str | Promise,
        explain: Callable[[Any], str],
        act: Callable[[Any], Any],
    ) -> HttpResponse:
        """Say what a step does, ask to confirm it, and take it."""
        return self.form_page(
            request,
            object_id,
            title=title,
            explanation=explain(self.object_or_404(request, object_id)),
            perform=lambda run, data: act(run),
            success=self._stands,
        )

    @display(description=_("status"))
    def shown_status(self, run: Any) -> SafeString:
        return state(run.get_status_display(), self.looks[run.status])

    @display(description=_("error"))
    def failure(self, run: Any) -> SafeString | None:
        failed = run.ranges.filter(status=JobStatus.FAILED).order_by("number").first()
        return preformatted(failed.error) if failed else None

    def _stands(self, run: Any) -> str:
        if run.status in self.at_work:
            return gettext("Workers begin within a minute. This page shows how far they are.")
        return self.stands_text(run)

    def _shown(self, run: Any) -> dict[str, Any]:
        return {
            "is_at_work": run.status in self.at_work,
            "shown_status": self.shown_status(run),
            "progress": progress_bar(run.ranges_done, run.ranges_total),
            **self.overview_of(run),
        }


def resume_text(run: Any) -> str:
    """What trying again does, before somebody does it."""
    return gettext("What was done stays done; the members who are left are tried again.")
