"""A browser's day field takes one notation, in whatever language the page is."""

from datetime import date

import pytest
from django.utils import translation

from alerts.forms.figures import OwnDaysForm
from alerts.forms.rules.replay import ReplayForm
from clinic.models import Clinic
from tests.cast import NOW


@pytest.mark.parametrize('language', ['en', 'es'])
def test_a_day_is_written_as_browsers_take_it(language: str, riverside: Clinic) -> None:
    with translation.override(language):
        figures = OwnDaysForm(initial={'first': date(2026, 11, 16)}, clinic=riverside, now=NOW)
        replay = ReplayForm(None, clinic=riverside, now=NOW)
        for field in (figures['first'], replay['until']):
            assert 'value="2026-11-16"' in str(field)
            assert 'type="date"' in str(field)
