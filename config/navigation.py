"""The operators' sidebar and the names of a night's steps: what only the top floor can gather."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Item = dict[str, Any]

# The portal's brand colour, `--brand` in tokens.css, as the shades that the library asks for.
CINNABAR = {
    "50": "oklch(97% .014 35)",
    "100": "oklch(94% .033 35)",
    "200": "oklch(88% .067 35)",
    "300": "oklch(81% .108 35)",
    "400": "oklch(73% .146 35)",
    "500": "oklch(64% .178 34)",
    "600": "oklch(47.5% .157 33)",
    "700": "oklch(43% .142 33)",
    "800": "oklch(38% .122 33)",
    "900": "oklch(33% .102 33)",
    "950": "oklch(24% .078 33)",
}


def asset(path: str) -> Callable[[HttpRequest], str]:
    """The address of a static file, asked for late: settings cannot know it yet."""
    return lambda request: static(path)


def _page(title: str | Promise, icon: str, model: str) -> Item:
    """A link to a model's list, for those who may view it."""
    app, name = model.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": _may_view(app, name),
    }


def _queue(title: str | Promise, icon: str, model: str) -> Item:
    """A link to what waits in a model's list."""
    page = _page(title, icon, model)
    prefix = model.replace(".", "_") + "_"

    def is_shown(request: HttpRequest) -> bool:
        match = request.resolver_match
        return match is not None and (match.url_name or "").startswith(prefix)

    return page | {"link": format_lazy("{}?queue=waiting", page["link"]), "active": is_shown}


def _may_view(app: str, name: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(f"{app}.view_{name}")


def _is_among_lots(request: HttpRequest) -> bool:
    """Whether the page shown is one of the lots' own: the forecast lies below their list."""
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    return name.startswith("loyalty_pointslot_") and name != "loyalty_pointslot_forecast"


def _is_among_metrics(request: HttpRequest) -> bool:
    """Whether the page shown is one of members' figures; those of all lie below their list."""
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    return name.startswith("analytics_membermetrics_") and name != "analytics_membermetrics_figures"


def _is_among_dashboards(request: HttpRequest) -> bool:
    """Whether the page shown is a dashboard: they lie below the list of days."""
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    return name.startswith("analytics_dailyfigure_") and name.endswith(_DASHBOARD_ENDS)


def _is_among_days(request: HttpRequest) -> bool:
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    return name.startswith("analytics_dailyfigure_") and not name.endswith(_DASHBOARD_ENDS)


_DASHBOARD_ENDS = ("_dashboards", "_dashboard", "_quadrant")


SIDEBAR: dict[str, Any] = {
    "show_search": False,
    "navigation": [
        {
            "items": [
                {"title": _("Overview"), "icon": "home", "link": reverse_lazy("admin:index")},
                _page(_("Members"), "group", "members.member"),
                _page(_("Segments"), "groups", "members.segment"),
                _page(_("Tags"), "sell", "members.tag"),
                _page(_("Announcements"), "campaign", "members.announcement"),
                _page(_("Changes of birthdays"), "cake", "members.birthdaychange"),
                _page(_("Merges of members"), "merge", "members.membermerge"),
                _page(_("Requests to be erased"), "person_off", "members.erasurerequest"),
                _page(_("Stores"), "storefront", "members.store"),
            ],
        },
        {
            "title": _("What happened"),
            "separator": True,
            "items": [
                _page(pgettext_lazy("list", "Purchases"), "shopping_bag", "loyalty.purchase"),
                _page(_("Refunds"), "undo", "loyalty.refund"),
                _page(_("Activities"), "directions_run", "loyalty.activity"),
                _page(_("Ledger"), "receipt_long", "loyalty.pointsentry"),
                _page(_("Adjustments"), "rule", "loyalty.adjustmentrequest"),
                {**_page(_("Lots"), "stacks", "loyalty.pointslot"), "active": _is_among_lots},
                _page(_("Tier changes"), "swap_vert", "loyalty.tierchange"),
                _page(_("Standings"), "leaderboard", "loyalty.standing"),
                _page(_("Tier overrides"), "upgrade", "loyalty.tieroverride"),
                _page(_("Notices"), "notifications", "members.notice"),
                {
                    "title": _("Forecast"),
                    "icon": "trending_down",
                    "link": reverse_lazy("admin:loyalty_pointslot_forecast"),
                    "permission": _may_view("loyalty", "pointslot"),
                },
            ],
        },
        {
            "title": _("Benefits"),
            "separator": True,
            "items": [
                _page(_("Coupon templates"), "confirmation_number", "benefits.coupontemplate"),
                _page(_("Coupons"), "local_activity", "benefits.coupon"),
                _page(_("Coupon batches"), "stacks", "benefits.couponbatch"),
                _page(_("Shared coupons"), "share", "benefits.couponshare"),
                _page(_("Coupon groups"), "group_add", "benefits.coupongroup"),
                _page(_("Rewards"), "redeem", "benefits.reward"),
                _queue(_("Reward orders"), "package_2", "benefits.rewardorder"),
                _page(_("Events"), "event", "benefits.event"),
                _page(_("Sessions"), "calendar_clock", "benefits.eventsession"),
                _page(_("Registrations"), "how_to_reg", "benefits.registration"),
                _page(_("Birthday perks"), "cake", "benefits.birthdayperk"),
                _page(
                    _("Birthday gifts given"),
                    "card_giftcard",
                    "benefits.birthdaygrant",
                ),
                _page(_("Tier gifts"), "redeem", "benefits.tiergift"),
                _page(_("Tier gifts given"), "volunteer_activism", "benefits.tiergiftgrant"),
                _page(_("Holidays"), "celebration", "benefits.holiday"),
            ],
        },
        {
            "title": _("Analytics"),
            "separator": True,
            "items": [
                {
                    "title": _("Dashboards"),
                    "icon": "monitoring",
                    "link": reverse_lazy("admin:analytics_dailyfigure_dashboards"),
                    "permission": _may_view("analytics", "dailyfigure"),
                    "active": _is_among_dashboards,
                },
                {
                    "title": _("Figures"),
                    "icon": "grid_on",
                    "link": reverse_lazy("admin:analytics_membermetrics_figures"),
                    "permission": _may_view("analytics", "membermetrics"),
                },
                {
                    **_page(_("Members’ figures"), "leaderboard", "analytics.membermetrics"),
                    "active": _is_among_metrics,
                },
                {
                    "title": _("Lifetime value"),
                    "icon": "timeline",
                    "link": reverse_lazy("admin:analytics_lifetimefit_value"),
                    "permission": _may_view("analytics", "lifetimefit"),
                },
                {
                    **_page(_("Figures of days"), "calendar_month", "analytics.dailyfigure"),
                    "active": _is_among_days,
                },
                _page(_("Targets"), "flag", "analytics.target"),
                _page(_("Health score"), "ecg_heart", "analytics.healthversion"),
                _page(_("Care tasks"), "support_agent", "analytics.caretask"),
                _page(_("Warning levels"), "warning", "analytics.warninglevel"),
                _page(_("Portal events"), "ads_click", "analytics.behaviourevent"),
                _page(_("Runs over members"), "directions_run", "analytics.memberrun"),
            ],
        },
        {
            "title": _("Programme"),
            "separator": True,
            "items": [
                _page(_("Kinds of points"), "paid", "loyalty.pointtype"),
                _page(_("Earning rules"), "add_circle", "loyalty.earningrule"),
                _page(_("Points as money"), "currency_exchange", "loyalty.pointsmoney"),
                _page(_("Channels"), "devices", "loyalty.channel"),
                _page(_("Partners"), "handshake", "loyalty.partner"),
                _page(_("Product categories"), "category", "loyalty.productcategory"),
                _page(_("Tiers"), "military_tech", "loyalty.tier"),
                _page(_("Benefits of tiers"), "redeem", "loyalty.tierbenefit"),
                _page(_("Ladder"), "stairs", "loyalty.ladder"),
                _page(_("Drafts of the ladder"), "edit_note", "loyalty.ladderdraft"),
            ],
        },
        {
            "title": _("Operations"),
            "separator": True,
            "items": [
                _page(_("Nights"), "bedtime", "common.jobrun"),
                _page(_("Guards"), "shield", "common.guardcheck"),
                _page(_("Proofs"), "fact_check", "common.ledgerproof"),
                _page(_("Imports"), "upload_file", "loyalty.purchaseimport"),
                _page(_("Re-date runs"), "event_repeat", "loyalty.redaterun"),
                _page(_("Logins"), "key", "members.user"),
                _page(_("Texts to agree to"), "contract", "members.consenttext"),
                _page(_("Groups"), "badge", "auth.group"),
            ],
        },
    ],
}

# By the name under which the job ledger knows each step.
STEP_NAMES: dict[str, str | Promise] = {
    "activate_points": _("Activate points"),
    "settle_merged_accounts": _("Settle accounts of merged members"),
    "review_tiers": _("Review tiers"),
    "expire_points": _("Expire points"),
    "forecast_expiry": _("Forecast expiry"),
    "prove_ledger": _("Prove the ledger"),
    "notify_expiring_points": _("Tell of expiring points"),
    "notify_tiers_going_down": _("Tell of tiers going down"),
    "give_back_coupons": _("Give back coupons of refunds"),
    "answer_tier_changes": _("Answer tier changes"),
    "record_birthdays": _("Let birthdays earn points"),
    "grant_birthday_perks": _("Give birthday perks"),
    "greet_on_holidays": _("Greet on holidays"),
    "expire_coupons": _("Expire coupons and reservations"),
    "expire_codes": _("Expire codes that nobody holds, and groups"),
    "close_events": _("Close events"),
    "erase_members": _("Erase members who asked for it"),
    "close_erased_accounts": _("Close accounts of erased members"),
    "notify_expiring_coupons": _("Tell of expiring coupons"),
    "fit_lifetimes": _("Fit the lifetime models"),
    "measure_members": _("Measure members"),
    "count_bands": _("Count health bands"),
    "score_members": _("Score members"),
    "predict_lifetimes": _("Predict lifetime value"),
    "record_figures": _("Record the days’ figures"),
    "recommend_articles": _("Find what is bought along"),
    "open_care_tasks": _("Open care tasks"),
    "compute_segments": _("Compute segments"),
    "count_segments": _("Count segments"),
    "prune_behaviour": _("Forget old portal events"),
}

# What those steps count.
COUNT_NAMES: dict[str, str | Promise] = {
    "error": _("error"),
    "members": _("members"),
    "lots": _("points lots"),
    "points": _("points"),
    "moves": _("moves"),
    "held": _("lots held"),
    "coupons": _("coupons"),
    "birthdays": _("birthdays"),
    "gifts": _("gifts"),
    "refused_gifts": _("could not be given: see the log"),
    "released": _("released"),
    "erased": _("erased"),
    "swept": _("looked at again"),
    "lapsed": _("places lapsed"),
    "offered": _("seats offered"),
    "groups": _("groups that did not fill"),
    "no_shows": _("did not come"),
    "reminders": _("reminders"),
    "cancelled_places": _("places given back"),
    "notices": _("notices"),
    "entry": _("first reviews"),
    "upgrade": _("upgraded"),
    "retained": _("kept"),
    "downgrade": _("came down"),
    "refunded": _("came down after a refund"),
    "untold": _("held: not told yet"),
    "standings": _("tiers"),
    "unchanged": _("unchanged"),
    "checks": _("statements"),
    "violations": _("rows that break them"),
    "due": _("points due to expire"),
    "forecast": _("points foreseen"),
    "forecast_of": _("foreseen on"),
    "days": _("days"),
    "pairs": _("pairs of articles"),
    "owed": _("nights owed"),
    "until": _("up to"),
    "refused": _("refused: see Lifetime value"),
    "returned": _("came back"),
    "not_returned": _("did not come back"),
    "tasks": _("care tasks opened"),
    "replaced": _("became more severe"),
    "joined": _("joined segments"),
    "left": _("left segments"),
    "segments": _("segments"),
    "events": _("portal events"),
}

# Where operators see what a guard holds.
GUARD_PAGES: dict[str, str | Promise] = {
    "expiry_volume": format_lazy(
        "{}?state=guarded", reverse_lazy("admin:loyalty_pointslot_changelist")
    ),
}

# What holds a night until an operator confirms.
GUARD_NAMES: dict[str, str | Promise] = {
    "expiry_volume": _("More points would expire than was foreseen"),
    "date_jump": _("The date has jumped"),
}
