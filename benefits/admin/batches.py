"""Batches as operators watch them: how far they are, the file of their codes, taking them back."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from benefits.forms import VoidForm
from benefits.models import CouponBatch
from benefits.rules.codes import grouped
from benefits.services.voiding import void_batch
from common import clock
from common.admin import ReadOnlyModelAdmin, action, display
from common.admin.columns import duration_text, progress_bar
from common.csv_files import csv_response
from common.numbers import format_number
from loyalty.admin.bases import link_to

ROWS_READ = 5_000


@admin.register(CouponBatch)
class CouponBatchAdmin(ReadOnlyModelAdmin):
    """One line per batch, newest first."""

    empty_words = _("Many codes or coupons at once begin on the page of a coupon template.")
    list_display = (
        "created_at",
        "of_template",
        "kind",
        "of_segment",
        "progress",
        "operator",
        "took",
    )
    list_select_related = ("template", "segment", "operator")
    actions_detail = ("download", "void")
    fields = (
        ("of_template", "kind"),
        ("of_segment", "members_left_out"),
        ("progress", "operator"),
        ("created_at", "finished_at", "took"),
    )

    def has_download_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.download_couponbatch")

    def has_void_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("benefits.change_coupon")

    @action(
        description=_("Download codes"),
        url_path="download",
        permissions=["download"],
        icon="download",
    )
    def download(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The codes as a CSV file that a spreadsheet opens; memory stays flat."""
        batch: CouponBatch = self.object_or_404(request, object_id)
        return csv_response(f"coupons-{batch.template.code}-{batch.pk}", lines_of(batch))

    @action(description=_("Withdraw"), url_path="void", permissions=["void"], icon="block")
    def void(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take every open coupon of the batch out of use, with a reason."""

        def perform(batch: CouponBatch, data: dict[str, Any]) -> int:
            return void_batch(batch=batch, reason=data["reason"])

        return self.form_page(
            request,
            object_id,
            title=_("Withdraw"),
            explanation=_(
                "Every coupon of this batch that is open cannot be used any more; used ones stay "
                "used. This cannot be undone; the stock does not come back."
            ),
            perform=perform,
            success=voided_message,
            form_class=VoidForm,
        )

    @display(description=_("coupon template"))
    def of_template(self, batch: CouponBatch) -> SafeString | None:
        return link_to(batch.template)

    @display(description=_("segment"))
    def of_segment(self, batch: CouponBatch) -> str | None:
        return batch.segment.name if batch.segment else None

    @display(description=_("left out"))
    def members_left_out(self, batch: CouponBatch) -> str | None:
        return format_number(batch.left_out) if batch.segment else None

    @display(description=_("progress"))
    def progress(self, batch: CouponBatch) -> SafeString:
        return progress_bar(batch.done, batch.size)

    @display(description=_("duration"))
    def took(self, batch: CouponBatch) -> str | None:
        return duration_text(batch.created_at, batch.finished_at)


def voided_message(count: int) -> str:
    """How many coupons were withdrawn."""
    text = ngettext("%(count)s coupon was withdrawn.", "%(count)s coupons were withdrawn.", count)
    return text % {"count": format_number(count)}


def lines_of(batch: CouponBatch) -> Iterator[Sequence[object]]:
    """The file of a batch, a line for each coupon, in the operator's language."""
    yield [gettext("Code"), gettext("Coupon"), gettext("Status"), gettext("Last valid day")]
    for coupon in batch.coupons.order_by("pk").iterator(chunk_size=ROWS_READ):
        last_day = clock.last_valid_day(coupon.expires_at).isoformat() if coupon.expires_at else ""
        yield [grouped(coupon.code), coupon.name, coupon.get_status_display(), last_day]
