"""The filter `date`, in place of Django's: the same formats, joined with the words of the reader's language."""

from typing import Any

from django import template
from django.template import defaultfilters

from clinic.dates import localized

register = template.Library()


@register.filter(name='date', expects_localtime=True, is_safe=False)
def date(value: Any, arg: str | None = None) -> str:
    return defaultfilters.date(value, localized(arg) if arg else arg)
