"""Everything a diary holds, as plain data in one fixed order: the same diary always gives the same bytes.

Instants are ISO 8601 in UTC, days ISO dates. People are `p1`, `p2`, … in the order in which they first appear, with their names:
an account's address is nobody's business but its own.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import BinaryField, F, Func

from clinic.models import Patient, User
from diary.models import (
    Baseline,
    Context,
    DiaryPause,
    Dose,
    Entry,
    EntryPhoto,
    PlannedVisit,
    SymptomVersion,
    TreatmentCourse,
    VisitQuestion,
    Withdrawable,
)

Gathered = dict[str, Any]


def gathered(patient: Patient) -> Gathered:
    """Also what was taken back, and every revision. A dozen queries, and one more for each course.

    Of photos that stand, all but the pictures, which are named by their SHA-256. One that was taken back is shown to nobody.
    """
    people = _People()
    found: Gathered = {
        'patient': _patient(patient),
        'courses': [_course(course, people) for course in _courses(patient)],
        'baselines': [_baseline(one, people) for one in _of(Baseline, patient).order_by('measured_at', 'pk')],
        'contexts': [_context(one, people) for one in _of(Context, patient).order_by('from_at', 'pk')],
        'pauses': [_pause(one, people) for one in _of(DiaryPause, patient).order_by('from_on', 'pk')],
        'visits': [_visit(one, people) for one in _visits(patient)],
        'questions': [_question(one, people) for one in _questions(patient)],
        'entries': [_entry(entry, people) for entry in _entries(patient)],
        'photos': [_photo(photo, people) for photo in _photos(patient)],
    }
    return {**found, 'people': people.told, 'versions': _versions(found['entries'])}


def canonical(found: Any) -> str:
    """One text for one thing."""
    return json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(',', ':'), allow_nan=False)


def digest_of(version: SymptomVersion) -> str:
    """What an answer to this version means: two catalogues with the same digest read it alike."""
    meant = [version.answers, version.words, version.scale, version.level_map]
    return hashlib.sha256(canonical(meant).encode()).hexdigest()


@dataclass
class _People:
    told: list[dict[str, str]] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)

    def key(self, user: User) -> str:
        if user.pk not in self.keys:
            self.keys[user.pk] = f'p{len(self.keys) + 1}'
            self.told.append({'key': self.keys[user.pk], 'name': user.name})
        return self.keys[user.pk]


def _patient(patient: Patient) -> Gathered:
    return {
        'id': str(patient.public_id),
        'record_number': patient.record_number,
        'name': patient.name,
        'birth_date': patient.birth_date.isoformat() if patient.birth_date else None,
        'time_zone': patient.time_zone,
        'language': patient.language,
        'temperature_unit': patient.temperature_unit,
        'weight_unit': patient.weight_unit,
    }


def _courses(patient: Patient) -> Iterable[TreatmentCourse]:
    courses = TreatmentCourse.objects.filter(patient=patient).select_related('therapy', 'agent', 'entered_by')
    return courses.prefetch_related('cycles').order_by('starts_on', 'public_id')


def _of(model: Any, patient: Patient) -> Any:
    return model.on_record.filter(patient=patient).select_related('recorded_by', 'withdrawn_by')


def _visits(patient: Patient) -> Iterable[PlannedVisit]:
    visits = PlannedVisit.on_record.filter(patient=patient).select_related('entered_by', 'withdrawn_by')
    return visits.order_by('on', 'pk')


def _questions(patient: Patient) -> Iterable[VisitQuestion]:
    return VisitQuestion.objects.filter(patient=patient).select_related('written_by').order_by('written_at', 'pk')


def _entries(patient: Patient) -> Iterable[Entry]:
    entries = Entry.objects.filter(patient=patient).prefetch_related('revisions__recorded_by')
    return entries.order_by('about_at', 'public_id')


def _photos(patient: Patient) -> Iterable[Any]:
    """The database itself makes the digests: no picture is read for them."""
    photos = EntryPhoto.objects.filter(entry__patient=patient).select_related('entry', 'added_by')
    photos = photos.annotate(digest=Func(F('image'), function='sha256', output_field=BinaryField()))
    return photos.order_by('entry__about_at', 'entry__public_id', 'position')


def _course(course: TreatmentCourse, people: _People) -> Gathered:
    doses = Dose.on_record.filter(course=course).select_related('recorded_by', 'withdrawn_by', 'cycle')
    return {
        'id': str(course.public_id),
        'therapy': course.therapy.code,
        'agent': course.agent.name if course.agent else None,
        'route': course.route,
        'schedule': course.schedule,
        'cycle_days': course.cycle_days,
        'dose_days': list(course.dose_days),
        'planned_cycles': course.planned_cycles,
        'starts_on': course.starts_on.isoformat(),
        'stopped_on': course.stopped_on.isoformat() if course.stopped_on else None,
        'by': people.key(course.entered_by),
        'at': _at(course.entered_at),
        'cycles': [[c.number, c.starts_on.isoformat(), c.ends_on.isoformat()] for c in course.cycles.all()],
        'doses': [_dose(dose, people) for dose in doses.order_by('given_at', 'recorded_at', 'pk')],
    }


def _dose(dose: Dose, people: _People) -> Gathered:
    own = {
        'given_at': _at(dose.given_at),
        'amount': dose.amount,
        'cycle': dose.cycle.number if dose.cycle else None,
    }
    return own | _recorded(dose, people)


def _baseline(one: Baseline, people: _People) -> Gathered:
    own = {'kind': one.kind, 'value': str(one.value), 'raw': one.raw, 'measured_at': _at(one.measured_at)}
    return own | _recorded(one, people)


def _context(one: Context, people: _People) -> Gathered:
    until = _at(one.until_at) if one.until_at else None
    return {'code': one.code, 'from_at': _at(one.from_at), 'until_at': until} | _recorded(one, people)


def _pause(one: DiaryPause, people: _People) -> Gathered:
    own = {'from_on': one.from_on.isoformat(), 'until_on': one.until_on.isoformat(), 'reason': one.reason}
    return own | _recorded(one, people)


def _visit(one: PlannedVisit, people: _People) -> Gathered:
    own = {'on': one.on.isoformat(), 'time': one.at.isoformat() if one.at else None, 'what': one.what}
    who = {'by': people.key(one.entered_by), 'at': _at(one.entered_at)}
    return own | who | {'withdrawn': _withdrawn(one, people)}


def _recorded(one: Any, people: _People) -> Gathered:
    return {'by': people.key(one.recorded_by), 'at': _at(one.recorded_at), 'withdrawn': _withdrawn(one, people)}


def _withdrawn(one: Withdrawable, people: _People) -> Gathered | None:
    if one.withdrawn_at is None or one.withdrawn_by is None:
        return None
    return {'at': _at(one.withdrawn_at), 'by': people.key(one.withdrawn_by), 'reason': one.withdrawn_reason}


def _question(one: VisitQuestion, people: _People) -> Gathered:
    return {'text': one.text, 'by': people.key(one.written_by), 'at': _at(one.written_at)}


def _entry(entry: Entry, people: _People) -> Gathered:
    return {
        'id': str(entry.public_id),
        'client_uuid': str(entry.client_uuid),
        'about_at': _at(entry.about_at),
        'day': entry.day.isoformat(),
        'is_late': entry.is_late,
        'revisions': [
            {
                'number': revision.number,
                'document': revision.document,
                'nothing_new': revision.nothing_new,
                'recorded_at': _at(revision.recorded_at),
                'received_at': _at(revision.received_at),
                'by': people.key(revision.recorded_by),
            }
            for revision in sorted(entry.revisions.all(), key=lambda revision: revision.number)
        ],
    }


def _photo(photo: Any, people: _People) -> Gathered:
    return {
        'id': str(photo.public_id),
        'entry': str(photo.entry.public_id),
        'symptom': photo.symptom,
        'position': photo.position,
        'sent': bytes(photo.sent_digest).hex(),
        'image': bytes(photo.digest).hex(),
        'width': photo.width,
        'height': photo.height,
        'by': people.key(photo.added_by),
        'at': _at(photo.added_at),
    }


def _versions(entries: Iterable[Gathered]) -> dict[str, str]:
    """The digest of every version of a symptom that the entries name."""
    named = set()
    for document in (revision['document'] for entry in entries for revision in entry['revisions']):
        answers = document.get('answers') if isinstance(document, dict) else None
        for code, answer in (answers if isinstance(answers, dict) else {}).items():
            if isinstance(answer, dict) and isinstance(answer.get('version'), int):
                named.add((code, answer['version']))
    rows = SymptomVersion.objects.filter(symptom__code__in={code for code, _ in named}).select_related('symptom')
    known = {(row.symptom.code, row.number): row for row in rows}
    return {f'{code}/{number}': digest_of(known[code, number]) for code, number in sorted(named & known.keys())}


def _at(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
