"""Small renderings for the pages of people."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def role_words(words: Mapping[str, str], role: str) -> str:
    """What somebody in this role may do, in a sentence."""
    return words[role]
