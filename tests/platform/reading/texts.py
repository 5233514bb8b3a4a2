"""What patients can read, found by mechanism: messages by the file that says them, the catalogue's words whole."""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Message
from django.conf import settings

from config.tools import messages

BASE = Path(settings.BASE_DIR)
TEMPLATES = BASE / 'templates'
# Code counts as the patients' unless it is named here as the staff's; in alerts/, nearly all the staff's, the other way round.
STAFFS = (
    *(
        '*/admin.py',
        '*/apps.py',
        '*/models/*',
        'config/*',
        'clinic/site.py',
        'clinic/demo.py',
        'clinic/forms/patient.py',
        'clinic/audit_words.py',
    ),
    *(
        'clinic/queries_audit.py',
        'clinic/services/enrolment.py',
        'clinic/services/members.py',
        'clinic/views/overview.py',
        'clinic/views/patients.py',
    ),
    *(
        'diary/forms_admin.py',
        'diary/forms_scale.py',
        'diary/forms_treatment.py',
        'diary/services/treatment.py',
        'diary/services/conditions.py',
        'diary/services/symptoms.py',
        'diary/fields.py',
        'diary/catalogue.py',
    ),
    *('diary/views/course.py', 'diary/views/patient.py', 'diary/views/withdraw.py', 'alerts/*'),
)
PATIENTS = (
    *(
        'alerts/words/advice.py',
        'alerts/words/reasons.py',
        'alerts/words/times.py',
        'alerts/words/back.py',
        'alerts/people/watch.py',
    ),
    *(
        'alerts/pages/receipts.py',
        'alerts/pages/told_cases.py',
        'alerts/pages/rules/content_patient.py',
        'alerts/forms/reminder.py',
    ),
    *('alerts/pages/welcome.py', 'alerts/views/welcome.py'),
    *('alerts/views/reminder.py', 'alerts/channels/base.py', 'alerts/pages/rules/content_words.py'),
)
# Sentences of the founding documents stand in data, and on pages in <blockquote> or [data-quote].
STAFF_TEMPLATES = ('admin/*', 'styleguide/*', 'alerts/email.txt', 'clinic/demo.html', 'clinic/parts/*')
ALIKE = re.compile(r"{%\s*(?:extends|include)\s+'([^']+)'")

Texts = dict[str, list[str]]  # by the file that says them


def said(language: str) -> Texts:
    """Every message of the patients' files, and the catalogue's words, in this language."""
    found: Texts = {}
    catalog = messages.read(language) if language != 'en' else None
    for message in _messages():
        if not message.id:
            continue
        ids = _texts(message.id)
        there = catalog.get(ids[0], message.context) if catalog else None
        texts = _texts(there.string) if there else ids
        for place, _line in message.locations:
            if patients(place):
                found.setdefault(place, []).extend(map(_without_tags, texts))
    for symptom, words in _catalogue()[language]['symptoms'].items():
        found[f'diary/clinical/words.yaml {symptom}'] = list(_leaves(words))
    found['diary/clinical/expect.yaml'] = [one['words'][language] for one in _expected().values()]
    return found


@cache
def _messages() -> tuple[Message, ...]:
    return tuple(messages.found())


def _texts(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def _without_tags(text: str) -> str:
    return re.sub(r'<[^>]+>', ' ', text)


def patients(place: str) -> bool:
    """Whether patients read what this file says, in our own words."""
    if place.startswith('templates/'):
        return place.removeprefix('templates/') not in staff_templates()
    return any(fnmatch(place, ours) for ours in PATIENTS) or not any(fnmatch(place, theirs) for theirs in STAFFS)


@cache
def staff_templates() -> set[str]:
    """Templates that stand in the staff's frame, or only in pages that do."""
    uses = {str(path.relative_to(TEMPLATES)): set(ALIKE.findall(path.read_text())) for path in TEMPLATES.rglob('*.*')}
    staff = {name for name in uses if any(fnmatch(name, each) for each in STAFF_TEMPLATES)}
    framed = {name for name, used in uses.items() if 'base_staff.html' in used}
    others = {name for name, used in uses.items() if used & {'base_patient.html', 'base_plain.html', 'base_error.html'}}
    return (staff | _closure(framed, uses)) - _closure(others, uses)


def _closure(start: set[str], uses: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += uses.get(name, ())
    return seen


@cache
def _catalogue() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((BASE / 'diary/clinical/words.yaml').read_text())
    return found


@cache
def _expected() -> dict[str, Any]:
    """What to expect, statement by statement; the sentences quoted behind them are not ours."""
    found: dict[str, Any] = yaml.safe_load((BASE / 'diary/clinical/expect.yaml').read_text())['statements']
    return found


def _leaves(words: Any) -> Iterator[str]:
    """What is shown; words to search by are not."""
    if isinstance(words, dict):
        for key, each in words.items():
            if key not in ('search', 'unit'):
                yield from _leaves(each)
    elif isinstance(words, list):
        for each in words:
            yield from _leaves(each)
    elif isinstance(words, str):
        yield words
