"""What the nurse's page of a patient shows of her whole story. The diary may not import alerts; its templates load these.

{% life_of patient as life %}     one page of the line of time, as the address asks: ?show=alerts&before=…
{% strip_of patient as strip %}   the last cycles as a picture; None before treatment
The page's `courses` are its cards of courses: they are read once.
"""

import re
from datetime import UTC, datetime
from typing import Any

from django import template
from django.http import Http404
from django.utils.translation import gettext as _

from alerts.pages import life, strip
from alerts.pages.life import ALERTS, DOSES, ENTRIES, HOLDS, KINDS, SILENCES, TALKS, Life, Place
from alerts.pages.strip import Strip
from clinic.models import Patient
from diary.places import Course, read_courses

register = template.Library()
SEEN = re.compile(r'[0-9]{1,3}')
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@register.simple_tag(takes_context=True)
def life_of(context: dict[str, Any], patient: Patient) -> Life:
    asked, now = context['request'].GET, context['request'].now
    kind = asked.get('show', '')
    if kind and kind not in KINDS:
        raise Http404
    return life.life_of(
        patient, courses=_courses(context, patient), now=now, kind=kind, before=_before(asked.get('before', ''))
    )


@register.simple_tag(takes_context=True)
def strip_of(context: dict[str, Any], patient: Patient) -> Strip | None:
    return strip.strip_of(patient, _courses(context, patient), now=context['request'].now)


@register.simple_tag
def kinds_of_life() -> list[tuple[str, str]]:
    """The filters, as (word of the address, what it is called)."""
    return [
        ('', _('Everything')),
        (ENTRIES, _('Entries')),
        (ALERTS, _('Alerts')),
        (TALKS, _('Talks and notes')),
        (DOSES, _('Doses')),
        (HOLDS, _('Contexts and pauses')),
        (SILENCES, _('Silences')),
    ]


@register.filter
def cursor(place: Place) -> str:
    """A place for an address: an instant to the microsecond, and how many things of it were shown."""
    return f'{place.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{place.seen}'


def _before(text: str) -> Place | None:
    """Whatever is no place is no page."""
    if not text:
        return None
    moment, _dash, seen = text.partition('-')
    try:
        at = datetime.strptime(moment, '%Y%m%dT%H%M%S.%f').replace(tzinfo=UTC)
    except ValueError:
        raise Http404 from None
    if not FIRST < at < LAST or not SEEN.fullmatch(seen):
        raise Http404
    return Place(at, int(seen))


def _courses(context: dict[str, Any], patient: Patient) -> list[Course]:
    """The page has read them already, with their cycles and doses."""
    return read_courses([card.course for card in context['courses']], patient.zone)
