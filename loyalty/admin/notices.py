"""What members were told, how it reached them, and the lots that wait for it."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import ReadOnlyTabularInline, display
from common.admin.columns import preformatted, spoken_last_day, state
from common.models import JobRun, JobStatus
from loyalty.models import ExpiryEvidence, PointsLot
from members.models import Notice, NoticeDelivery
from members.notices import kind_named, told

from .bases import MemberFactAdmin, link_to

# The step whose guard holds lots.
EXPIRY_STEP = "expire_points"
STATUS_LOOKS = {
    NoticeDelivery.Status.PENDING.value: "busy",
    NoticeDelivery.Status.SENT.value: "good",
    NoticeDelivery.Status.FAILED.value: "bad",
    NoticeDelivery.Status.SKIPPED.value: "plain",
}


class HeldFilter(admin.SimpleListFilter):
    """Lots past their end that stay: their member was not told, or a guard holds the expiry."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("held", gettext("Held: nobody was told of their end")),
            ("guarded", gettext("Held: the expiry waits for an operator")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if self.value() == "held":
            held = ExpiryEvidence.objects.held_lots(clock.cutoff(clock.today()))
            return queryset.filter(pk__in=held.values("pk"))
        if self.value() == "guarded":
            return queryset.filter(pk__in=guarded_lots().values("pk"))
        return queryset


def guarded_lots() -> QuerySet[PointsLot]:
    """What a held expiry would take, but for what nobody was told of."""
    held = JobRun.objects.filter(step=EXPIRY_STEP, status=JobStatus.HELD)
    run = held.order_by("business_date").first()
    if run is None:
        return PointsLot.objects.none()
    cutoff = clock.cutoff(run.business_date)
    untold = ExpiryEvidence.objects.held_lots(cutoff)
    due = PointsLot.objects.filter(remaining__gt=0, expires_at__lte=cutoff)
    return due.exclude(pk__in=untold.values("pk"))


class EvidenceInline(ReadOnlyTabularInline):
    """Why the lot may expire."""

    model = ExpiryEvidence
    fields = ("business_date", "why", "told_day", "by_notice", "operator")
    readonly_fields = fields
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExpiryEvidence]:
        evidence: QuerySet[ExpiryEvidence] = super().get_queryset(request)
        return evidence.select_related("notice", "operator")

    @display(description=_("notice"))
    def why(self, evidence: ExpiryEvidence) -> str:
        return evidence.get_waiver_display()

    @display(description=_("valid through"))
    def told_day(self, evidence: ExpiryEvidence) -> str:
        return spoken_last_day(evidence.expires_at)

    @display(description=_("message"))
    def by_notice(self, evidence: ExpiryEvidence) -> SafeString | None:
        return link_to(evidence.notice)


class DeliveryInline(ReadOnlyTabularInline):
    """The notice's ways outside the portal."""

    model = NoticeDelivery
    fields = ("channel", "shown_status", "attempts", "claimed_at", "finished_at", "failure")
    readonly_fields = fields
    ordering = ("pk",)

    @display(description=_("status"))
    def shown_status(self, delivery: NoticeDelivery) -> SafeString:
        return state(delivery.get_status_display(), STATUS_LOOKS[delivery.status])

    @display(description=_("error"))
    def failure(self, delivery: NoticeDelivery) -> SafeString | None:
        # Our own reasons are in the catalogue, a provider's words are as they came.
        return preformatted(gettext(delivery.error)) if delivery.error else None


@admin.register(Notice)
class NoticeAdmin(MemberFactAdmin):
    """Everything that members were told."""

    list_display = ("created_at", "who", "kind_name", "title", "read_at")
    list_select_related = ("member",)
    fields = (
        ("who", "kind_name", "business_date"),
        "title",
        "body",
        ("created_at", "dispatched_at", "read_at"),
        "key",
    )
    inlines = (DeliveryInline,)

    @display(description=_("member"))
    def who(self, notice: Notice) -> SafeString | None:
        return link_to(notice.member)

    @display(description=_("kind"))
    def kind_name(self, notice: Notice) -> str:
        kind = kind_named(notice.kind)
        return str(kind.name) if kind else notice.kind

    @display(description=_("message"))
    def title(self, notice: Notice) -> str:
        return told(notice).text.title

    @display(description=_("text"))
    def body(self, notice: Notice) -> str:
        return told(notice).text.body
