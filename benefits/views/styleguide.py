"""The style guide: every part of the portal's pages on one page, for operators."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from benefits.samples import samples, tokens
from common import clock
from members.models import User


@require_safe
@never_cache
@login_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Tokens and components in light and dark, with the programme's own tiers."""
    if not (isinstance(request.user, User) and request.user.is_operator):
        raise PermissionDenied
    now = clock.now()
    context = {
        "tokens": tokens(),
        "columns": [samples("light", now), samples("dark", now)],
    }
    return render(request, "styleguide/styleguide.html", context)
