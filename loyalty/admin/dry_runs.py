"""Pages that show what a purchase would earn; nothing is written by them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import ModelAdmin
from loyalty.explained import told_runs
from loyalty.forms import DryRunForm
from loyalty.models import PointsEntry, Purchase
from loyalty.services.dry_run import dry_run, dry_run_of

TEMPLATE = "admin/loyalty/dry_run.html"


def imagined_page(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """What an imagined purchase would earn by the rules in force; asked for by a link."""
    now = localtime(clock.now(), clock.zone())
    is_asked = "on" in request.GET
    started = {"on": now.date(), "time": now.time()}
    form = DryRunForm(request.GET) if is_asked else DryRunForm(initial=started)
    context: dict[str, Any] = {}
    if is_asked and form.is_valid():
        asked = form.cleaned_data
        facts = {name: asked[name] for name in ("member", "store", "channel", "partner")}
        purchase = Purchase(amount=asked["amount"], at=asked["at"], **facts)
        runs = dry_run(amount=asked["amount"], at=asked["at"], parts=asked["parts"], **facts)
        context = {"purchase": purchase, "runs": told_runs(runs, purchase)}
    return admin.page(request, TEMPLATE, title=_("Dry run"), form=form, **context)


def recorded_page(admin: ModelAdmin, request: HttpRequest, purchase: Purchase) -> HttpResponse:
    """What a recorded purchase would earn by the rules in force, beside what it did earn."""
    earned = PointsEntry.objects.filter(purchase=purchase, kind=PointsEntry.Kind.EARN)
    return admin.page(
        request,
        TEMPLATE,
        title=_("Dry run"),
        original=purchase,
        purchase=purchase,
        runs=told_runs(dry_run_of(purchase), purchase),
        earned=earned.select_related("account__point_type").order_by("pk"),
    )
