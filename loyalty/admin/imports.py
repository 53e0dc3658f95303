"""Files of purchases as operators see them: what came of each."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.admin import ReadOnlyModelAdmin, display
from common.admin.columns import duration_text, state
from loyalty.models import PurchaseImport

STATUS_LOOKS = {
    PurchaseImport.Status.STAGING.value: "note",
    PurchaseImport.Status.APPLYING.value: "busy",
    PurchaseImport.Status.DONE.value: "good",
}


@admin.register(PurchaseImport)
class PurchaseImportAdmin(ReadOnlyModelAdmin):
    """One line per file."""

    empty_words = _(
        "Files of purchases are imported with the command import_purchases; each "
        "import is listed here."
    )
    list_display = (
        "file_name",
        "source",
        "shown_status",
        *PurchaseImport.COUNTERS,
        "started_at",
        "took",
    )
    fields = (
        ("file_name", "source", "shown_status"),
        ("started_at", "finished_at", "took"),
        ("purchases", "refunds", "guests"),
        ("skipped", "errors", "members_created"),
        ("points_earned", "points_clawed_back"),
        "sha256",
    )

    @display(description=_("status"))
    def shown_status(self, run: PurchaseImport) -> SafeString:
        return state(run.get_status_display(), STATUS_LOOKS[run.status])

    @display(description=_("duration"))
    def took(self, run: PurchaseImport) -> str | None:
        return duration_text(run.started_at, run.finished_at)
