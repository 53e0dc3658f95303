"""Files of purchases as operators see them: what came of each."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from common.admin import ReadOnlyModelAdmin, display
from common.admin.columns import duration_text
from loyalty.models import PurchaseImport

STATUS_LOOKS = {
    PurchaseImport.Status.STAGING.value: "info",
    PurchaseImport.Status.APPLYING.value: "warning",
    PurchaseImport.Status.DONE.value: "success",
}


@admin.register(PurchaseImport)
class PurchaseImportAdmin(ReadOnlyModelAdmin):
    """One line per file."""

    list_display = ("file_name", "source", "state", *PurchaseImport.COUNTERS, "started_at", "took")
    fields = (
        ("file_name", "source", "state"),
        ("started_at", "finished_at", "took"),
        ("purchases", "refunds", "guests"),
        ("skipped", "errors", "members_created"),
        ("points_earned", "points_clawed_back"),
        "sha256",
    )

    @display(description=_("status"), label=STATUS_LOOKS)
    def state(self, run: PurchaseImport) -> tuple[str, str]:
        return run.status, run.get_status_display()

    @display(description=_("duration"))
    def took(self, run: PurchaseImport) -> str:
        return duration_text(run.started_at, run.finished_at)
