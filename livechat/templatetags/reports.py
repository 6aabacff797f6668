"""Numbers of reports as the templates show them."""

from datetime import date

from django import template

from livechat.reports import words

register = template.Library()


@register.filter
def lasted(seconds: int | None) -> str:
    return words.lasted(seconds)


@register.simple_tag
def days(first: date, last: date) -> str:
    return words.days(first, last)
