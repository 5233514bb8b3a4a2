"""Times as people say them, and answers in words."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.templatetags.alerts_words import waited
from alerts.words.answers import StaffUnits, told
from alerts.words.times import clock_words, deadline_words, moment_words, past_words
from diary.answers import Units
from diary.catalogue import current_catalogue
from diary.documents import make_document

ZONE = ZoneInfo('America/New_York')
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=ZONE)  # a Monday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ('moment', 'said', 'by', 'clock', 'past'),
    [
        ('2026-11-16T09:41', 'today at 9:41', '9:41', '9:41', 'today, 9:41'),
        ('2026-11-17T08:00', 'tomorrow at 8:00', 'tomorrow 8:00', 'tomorrow at 8:00', '17 November, 8:00'),
        ('2026-11-15T22:10', 'yesterday at 22:10', 'yesterday 22:10', 'yesterday at 22:10', 'yesterday, 22:10'),
        ('2026-11-20T12:00', 'on Friday at 12:00', 'Friday 12:00', 'on Friday at 12:00', '20 November, 12:00'),
        ('2026-11-23T12:00', 'on 23 November at 12:00', '23 November 12:00', 'on 23 November at 12:00', '23 November, 12:00'),
        ('2025-03-03T09:15', 'on 3 March 2025 at 9:15', '3 March 9:15', 'on 3 March 2025 at 9:15', '3 March 2025, 9:15'),
    ],
)  # fmt: skip
def test_times_are_told_as_people_say_them(moment: str, said: str, by: str, clock: str, past: str) -> None:
    given: dict[str, Any] = {'now': NOW, 'zone': ZONE}
    assert moment_words(at(moment), **given) == said
    assert deadline_words(at(moment), **given) == by
    assert clock_words(at(moment), **given) == clock
    assert past_words(at(moment), **given) == past


def test_the_day_is_the_readers_own() -> None:
    late_in_new_york = at('2026-11-16T23:30')
    assert moment_words(late_in_new_york, now=NOW, zone=ZoneInfo('Europe/London')) == 'tomorrow at 4:30'


@pytest.mark.parametrize(
    ('minutes', 'text'),
    [(0, '0:00'), (41, '0:41'), (130, '2:10'), (1439, '23:59'), (1440, '1 d 0 h'), (3060, '2 d 3 h')],
)
def test_a_wait_is_told_as_the_clock_in_the_page_counts_it(minutes: int, text: str) -> None:
    assert waited(timedelta(minutes=minutes)) == text


def words(answers: dict[str, Any], units: Units, **measured: float) -> list[str]:
    catalogue = current_catalogue('en')
    return [str(one) for one in told(make_document(answers, catalogue, measurements=measured), catalogue, units)]


@pytest.mark.usefixtures('content')
def test_answers_are_told_in_the_readers_units() -> None:
    answers: dict[str, Any] = {'FEVER': {'celsius': 38.6, 'severity': 2}}
    assert words(answers, Units('C', 'kg')) == ['Fever or feeling hot: moderate, 38.6 °C']
    assert words(answers, Units('F', 'kg')) == ['Fever or feeling hot: moderate, 101.5 °F']
    assert words(answers, StaffUnits('F')) == ['Fever or feeling hot: moderate, 101.5 °F (38.6 °C)']
    assert words({}, Units('C', 'lb'), weight=80) == ['Weight: 176.4 lb']


@pytest.mark.usefixtures('content')
def test_every_kind_of_answer_has_words() -> None:
    answers: dict[str, Any] = {
        'DIARRHEA': {'severity': 1, 'stools_24h': 6, 'at_night': True},
        'RASH': {'severity': 2, 'percent_body': 5, 'painful': False},
        'HIVES': {'present': True},
        'OTHER': {'text': 'My foot', 'call_back': True},
    }
    document = make_document(answers, current_catalogue('en'), measurements={'spo2': 91, 'systolic_bp': 120})
    found = {one.code: one.said for one in told(document, current_catalogue('en'), Units())}
    assert found == {
        'DIARRHEA': 'mild, 6 stools in 24 hours, at night',
        'RASH': 'moderate, 5 % of the body',
        'HIVES': '',
        'OTHER': '“My foot”, asks for a call',
        'spo2': '91 %',
        'systolic_bp': '120 mmHg',
    }
