"""A gathered diary as a table: one line for each answer, measurement, dose and whatever else was recorded."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from diary.catalogue import CatalogueView
from diary.export.codes import VITAL_SIGNS, facts_of
from diary.export.gathered import Gathered
from diary.fields import SEVERITY
from diary.legible import legible

COLUMNS = (
    'kind', 'id', 'revision', 'counts_now', 'day', 'late', 'about', 'until', 'recorded', 'by', 'code', 'name', 'version', 'field',
    'value', 'word', 'unit', 'typed', 'snomed', 'meddra', 'loinc',
)  # fmt: skip
FORMULA = ('=', '+', '-', '@', '\t', '\r')
Row = dict[str, Any]


def table_of(found: Gathered, catalogue: CatalogueView) -> str:
    """CSV (RFC 4180) with a byte order mark, so that spreadsheets read its letters.

    Every revision; `counts_now` is yes for the latest. Instants are UTC, `day` is the patient's own; `word` is a severity's.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval='')
    writer.writeheader()
    writer.writerows({key: _safe(value) for key, value in row.items()} for row in _rows(found, catalogue))
    return '\ufeff' + out.getvalue()


def _safe(value: Any) -> Any:
    """A spreadsheet runs what begins like a formula, and writes yes and no in its own language."""
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _rows(found: Gathered, catalogue: CatalogueView) -> Iterator[Row]:
    names, facts = {person['key']: person['name'] for person in found['people']}, facts_of()
    for entry in found['entries']:
        for revision in entry['revisions']:
            base = _revision(entry, revision, names)
            yield from ({**base, **row} for row in _said(revision, catalogue, facts))
    for course in found['courses']:
        yield from _course(course, names)
    for records, row_of in _LISTS.items():
        yield from ({**row_of(one), **_recorded(one, names)} for one in found[records])
    for one in found['questions']:
        yield {'kind': 'question', 'value': one['text'], 'recorded': one['at'], 'by': names[one['by']]}


def _revision(entry: Gathered, revision: Gathered, names: dict[str, str]) -> Row:
    return {
        'id': entry['id'],
        'revision': revision['number'],
        'counts_now': revision is entry['revisions'][-1],
        'day': entry['day'],
        'late': entry['is_late'],
        'about': entry['about_at'],
        'recorded': revision['recorded_at'],
        'by': names[revision['by']],
    }


def _course(course: Gathered, names: dict[str, str]) -> Iterator[Row]:
    name = course['agent'] or course['therapy']
    own = {'id': course['id'], 'code': course['therapy'], 'name': name, 'by': names[course['by']]}
    when = {'about': course['starts_on'], 'until': course['stopped_on'] or '', 'recorded': course['at']}
    yield {'kind': 'course', **own, **when}
    for dose in course['doses']:
        yield {'kind': 'dose', **own, 'about': dose['given_at'], 'value': dose['amount'], **_recorded(dose, names)}


def _baseline(one: Gathered) -> Row:
    value = {'value': one['value'], 'typed': one['raw']}
    return {'kind': 'usual value', 'code': one['kind'], 'about': one['measured_at'], **value}


def _context(one: Gathered) -> Row:
    return {'kind': 'context', 'code': one['code'], 'about': one['from_at'], 'until': one['until_at'] or ''}


def _pause(one: Gathered) -> Row:
    return {'kind': 'pause', 'code': one['reason'], 'about': one['from_on'], 'until': one['until_on']}


def _visit(one: Gathered) -> Row:
    return {'kind': 'visit', 'day': one['on'], 'about': one['time'] or '', 'value': one['what']}


_LISTS = {'baselines': _baseline, 'contexts': _context, 'pauses': _pause, 'visits': _visit}


def _recorded(record: Gathered, names: dict[str, str]) -> Row:
    return {'recorded': record['at'], 'by': names[record['by']], 'counts_now': not record['withdrawn']}


def _said(revision: Gathered, catalogue: CatalogueView, facts: dict[tuple[str, int], dict[str, Any]]) -> Iterator[Row]:
    """The answers; one line “nothing new” where there are none, and the raw text of what cannot be read."""
    found = legible(revision['document'], catalogue)
    answers, measured = found.document['answers'], found.document['measurements']
    if not answers and not measured and not found.broken:
        yield {'kind': 'nothing new'}
    for code, answer in sorted(answers.items()):
        known = facts[code, answer['version']]
        spec = catalogue.version(code, answer['version'])
        base = {'kind': 'answer', 'code': code, 'name': spec.name, 'version': answer['version']}
        codes = {'snomed': known.get('snomed', ''), 'meddra': known.get('meddra', '')}
        for name, value in sorted(answer['values'].items()):
            loinc = VITAL_SIGNS[name][0] if name in VITAL_SIGNS else ''
            word = spec.levels[value].word if name == SEVERITY else ''
            own = {'field': name, 'value': value, 'word': word, 'unit': spec.fields[name].unit, 'loinc': loinc}
            yield {**base, **codes, **own, 'typed': ' '.join(answer.get('raw', {}).get(name, ()))}
    for code, one in sorted(measured.items()):
        kind, typed = catalogue.measurements[code], ' '.join(one.get('raw', ()))
        loinc = VITAL_SIGNS[code][0] if code in VITAL_SIGNS else ''
        own = {'name': kind.name, 'value': one['value'], 'unit': kind.field.unit, 'typed': typed, 'loinc': loinc}
        yield {'kind': 'measurement', 'code': code, **own}
    for code, raw in found.broken:
        yield {'kind': 'cannot be read', 'code': code, 'value': raw}
