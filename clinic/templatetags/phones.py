"""{{ text|whole_numbers }}: no end of a line cuts a telephone number in two."""

import re

from django import template
from django.utils.html import format_html, format_html_join

register = template.Library()
_NUMBER = re.compile(r'(\+?\(?\d[\d ().-]{5,}\d)')


@register.filter
def whole_numbers(text: str) -> str:
    parts = enumerate(_NUMBER.split(text))
    return format_html_join('', '{}', ((_kept(part) if n % 2 else part,) for n, part in parts))


def _kept(number: str) -> str:
    return format_html('<span class="nowrap">{}</span>', number)
