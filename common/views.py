"""What makes the portal an app on a phone: its manifest, its service worker, its page offline."""

import hashlib
import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import check_for_language, get_language, gettext, override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

MANIFEST_SECONDS = 3600
PAPER = "#f6f3ee"

# What the card and the page offline are made of: kept by the service worker when it is installed.
SHELL = (
    "css/tokens.css",
    "css/base.css",
    "css/layout.css",
    "css/components.css",
    "css/lists.css",
    "css/toasts.css",
    "css/pass.css",
    "js/portal.js",
    "js/card.js",
    "icons/sprite.svg",
    "icons/favicon.svg",
)
# Where whoever is not signed in types something: what the browser kept is nobody's there.
SIGN_IN = (
    "account_login",
    "account_signup",
    "enter_code",
    "account_reset_password",
    "new_password",
)
# Drawn from the SVG beside them: see the head of deploy/icons.py.
ICONS = (
    ("icons/app-192.png", "192x192", "any"),
    ("icons/app-512.png", "512x512", "any"),
    ("icons/app-maskable-192.png", "192x192", "maskable"),
    ("icons/app-maskable-512.png", "512x512", "maskable"),
)


@require_safe
@cache_control(private=True, max_age=MANIFEST_SECONDS)
@vary_on_headers("Accept-Language", "Cookie")
def manifest(request: HttpRequest) -> JsonResponse:
    """The app's name, icons and shortcuts, in the reader's language."""
    content = {
        "id": "/",
        "name": settings.PROGRAMME_NAME,
        "short_name": settings.PROGRAMME_NAME,
        "description": gettext("Your card, your points and what they bring."),
        "lang": get_language(),
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            {"src": static(path), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for path, sizes, purpose in ICONS
        ],
        "shortcuts": [
            {"name": gettext("Card"), "url": reverse("card")},
            {"name": gettext("Coupons"), "url": reverse("coupons")},
            {"name": gettext("Points"), "url": reverse("points")},
        ],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker of the whole site. New static files make it a new worker, by their names."""
    files = [*(static(path) for path in SHELL), reverse("tier_styles")]
    told = {
        "version": hashlib.sha256("\n".join(files).encode()).hexdigest()[:12],
        "files": files,
        "offline": reverse("offline"),
        "card": [reverse(name) for name in ("card", "card_code", "card_bars")],
        "signIn": [reverse(name) for name in SIGN_IN],
        "signOut": reverse("account_logout"),
        "operators": reverse("admin:index"),
        "static": settings.STATIC_URL,
    }
    return render(
        request,
        "pwa/service-worker.js",
        {"told": json.dumps(told)},
        content_type="text/javascript; charset=utf-8",
    )


@require_safe
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    """What a page shows without a connection; the worker keeps it and names the language."""
    language = request.GET.get("language", "")
    if language not in dict(settings.LANGUAGES) or not check_for_language(language):
        language = get_language() or settings.LANGUAGE_CODE
    with override(language):
        response = render(request, "pwa/offline.html")
    response["Content-Language"] = language
    return response
