"""The row of tabs on every page of the settings."""

from typing import Any

from django import template
from django.template import Context

from accounts import settings_tabs

register = template.Library()


@register.inclusion_tag("console/settings/tabs.html", takes_context=True)
def settings_tabs_row(context: Context) -> dict[str, Any]:
    request = context["request"]
    tabs = settings_tabs.tabs_of(request.member)
    return {"tabs": tabs, "current": settings_tabs.current(tabs, request.path)}
