"""Dates as the reader's language writes them, in code and in templates alike."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from clinic.dates import date_format

DAY = date(2026, 3, 3)


@pytest.mark.parametrize(
    ('pattern', 'english', 'spanish'),
    [
        ('j F', '3 March', '3 de marzo'),
        ('l j F', 'Tuesday 3 March', 'martes 3 de marzo'),
        ('j F Y', '3 March 2026', '3 de marzo de 2026'),
        ('F Y', 'March 2026', 'marzo de 2026'),
        ('Y-m-d', '2026-03-03', '2026-03-03'),
    ],
)
def test_a_date_is_joined_with_the_words_of_the_language(pattern: str, english: str, spanish: str) -> None:
    for language, expected in (('en', english), ('es', spanish)):
        with translation.override(language):
            assert date_format(DAY, pattern) == expected
            assert Template(f"{{{{ day|date:'{pattern}' }}}}").render(Context({'day': DAY})) == expected


def test_short_months_need_no_words_and_in_spanish_no_capital() -> None:
    for language, expected in (('en', '3 Mar 2026'), ('es', '3 mar 2026')):
        with translation.override(language):
            assert date_format(DAY, 'j M Y') == expected


def test_nobody_goes_around_it() -> None:
    apps = (path for app in ('clinic', 'diary', 'alerts') for path in (Path(settings.BASE_DIR) / app).rglob('*.py'))
    around = [
        str(path)
        for path in apps
        if path.name != 'dates.py'
        and re.search(r'formats import [^\n]*\bdate_format\b', path.read_text(encoding='utf-8'))
    ]
    assert around == []


def test_numbers_keep_the_point_of_the_thermometer() -> None:
    with translation.override('es'):
        assert Template('{{ n }}').render(Context({'n': 38.3})) == '38.3'
