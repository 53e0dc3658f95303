"""What every page of the operators' side shows besides its own."""

from typing import Any

from django import template

from common.alerts import alerts_for

register = template.Library()


@register.inclusion_tag("admin/_alerts.html", takes_context=True)
def operations_alerts(context: dict[str, Any]) -> dict[str, Any]:
    """The alerts of the nights, for those who may see them."""
    request = context.get("request")
    is_popup = context.get("is_popup")
    return {"alerts": alerts_for(request) if request and not is_popup else []}
