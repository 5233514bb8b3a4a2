"""Reading an exported diary back: into an instance that does not have this patient, whole or not at all."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from clinic.models import Clinic, Patient, User
from diary.catalogue import current_catalogue
from diary.documents import DocumentError, validate_document
from diary.export.gathered import Gathered, digest_of
from diary.legible import UNREADABLE
from diary.models import (
    PHOTO_SYMPTOMS,
    Agent,
    Baseline,
    Context,
    Cycle,
    DiaryPause,
    Dose,
    Entry,
    EntryPhoto,
    PlannedVisit,
    Revision,
    SymptomVersion,
    Therapy,
    TreatmentCourse,
    VisitQuestion,
)
from diary.pictures import Picture, PictureRefused, drawn_by_us
from diary.signals import entry_recorded

People = Mapping[str, User]
Pictures = Mapping[str, bytes]  # JPEGs by the ids of their photos
NO_PICTURES: Pictures = MappingProxyType({})


class NotReadError(ValueError):
    """Why a diary cannot be read back here. Nothing was stored."""


def read_diary(*, found: Gathered, pictures: Pictures = NO_PICTURES, clinic: Clinic, now: datetime) -> Patient:
    """Store a gathered diary as a new patient of `clinic`, with the ids and times that it had. Raises NotReadError.

    Who recorded something becomes a person without a sign-in. Every revision is owed its evaluation, like one that comes from a
    phone: nothing goes unchecked because it is old. Only of what is recent the team is told (alerts/services/settling.py).
    """
    _check(found, clinic)
    try:
        drawn = {photo['id']: _picture(photo, pictures) for photo in found['photos']}
        with transaction.atomic():
            return _read(found, drawn, clinic, now=now)
    except NotReadError:
        raise
    except (DataError, Entry.DoesNotExist, IntegrityError, KeyError, TypeError, ValidationError, ValueError) as error:
        # Its text may hold what a patient wrote.
        raise NotReadError(f'A record of this file does not fit ({type(error).__name__}).') from None


def _read(found: Gathered, drawn: Mapping[str, Picture], clinic: Clinic, *, now: datetime) -> Patient:
    patient = _patient(found['patient'], clinic)
    people = {person['key']: _person(person, patient) for person in found['people']}
    for course in found['courses']:
        _course(course, patient, people)
    _lists(found, patient, people)
    for entry in found['entries']:
        _entry(entry, patient, people, now=now)
    for photo in found['photos']:
        _photo(photo, drawn[photo['id']], patient, people)
    return patient


def _check(found: Gathered, clinic: Clinic) -> None:
    own = found['patient']
    if Patient.objects.filter(public_id=own['id']).exists():
        raise NotReadError('This diary is here already.')
    if Patient.objects.filter(clinic=clinic, record_number=own['record_number']).exists():
        raise NotReadError('The clinic already has a patient with this record number.')
    rows = SymptomVersion.objects.select_related('symptom')
    known = {f'{row.symptom.code}/{row.number}': digest_of(row) for row in rows}
    if other := sorted(name for name, digest in found['versions'].items() if known.get(name) != digest):
        raise NotReadError(
            f'The catalogue here has other words for {", ".join(other)}: load the catalogue of there first.'
        )
    _check_documents(found)
    for course in found['courses']:
        if not Therapy.objects.filter(code=course['therapy']).exists():
            raise NotReadError(f'The therapy {course["therapy"]} is not known here.')
        if course['agent'] and not Agent.objects.filter(name=course['agent']).exists():
            raise NotReadError(f'The agent {course["agent"]} is not known here.')


def _check_documents(found: Gathered) -> None:
    """No way in lets a document be stored that cannot be read."""
    catalogue = current_catalogue()
    for entry in found['entries']:
        for revision in entry['revisions']:
            try:
                validate_document(revision['document'], catalogue)
            except (DocumentError, *UNREADABLE) as error:
                raise NotReadError(f'An answer of the entry {entry["id"]} cannot be read.') from error


def _picture(photo: Gathered, pictures: Pictures) -> Picture:
    """Strangers' bytes are shown to nurses only as we would have drawn them."""
    data = pictures.get(photo['id'], b'')
    if hashlib.sha256(data).hexdigest() != photo['image'] or photo['symptom'] not in PHOTO_SYMPTOMS:
        raise NotReadError(f'The photo {photo["id"]} is not the one that was exported.')
    try:
        return drawn_by_us(data)
    except PictureRefused as refusal:
        raise NotReadError(f'The photo {photo["id"]} is none that a Vigil has drawn.') from refusal


def _patient(own: Gathered, clinic: Clinic) -> Patient:
    kept = {key: value for key, value in own.items() if key not in ('id', 'birth_date')}
    born = date.fromisoformat(own['birth_date']) if own['birth_date'] else None
    return Patient.objects.create(clinic=clinic, public_id=own['id'], birth_date=born, **kept)


def _person(person: Mapping[str, str], patient: Patient) -> User:
    """Only a name beside a record: nobody signs in as her."""
    email = f'{person["key"]}.{patient.public_id}@read.invalid'
    return User.objects.create_user(email, None, name=person['name'], is_active=False)


def _course(course: Gathered, patient: Patient, people: People) -> None:
    own = ('route', 'schedule', 'cycle_days', 'dose_days', 'planned_cycles', 'starts_on', 'stopped_on')
    made = TreatmentCourse.objects.create(
        patient=patient,
        public_id=course['id'],
        therapy=Therapy.objects.get(code=course['therapy']),
        agent=Agent.objects.get(name=course['agent']) if course['agent'] else None,
        entered_by=people[course['by']],
        entered_at=_at(course['at']),
        **{key: course[key] for key in own},
    )
    cycles = {
        number: Cycle.objects.create(course=made, number=number, starts_on=starts, ends_on=ends)
        for number, starts, ends in course['cycles']
    }
    for dose in course['doses']:
        cycle = cycles[dose['cycle']] if dose['cycle'] is not None else None
        given = {'given_at': _at(dose['given_at']), 'amount': dose['amount']}
        Dose.on_record.create(course=made, cycle=cycle, **given, **_recorded(dose, people))


def _lists(found: Gathered, patient: Patient, people: People) -> None:
    for one in found['baselines']:
        own = {'kind': one['kind'], 'value': one['value'], 'raw': one['raw'], 'measured_at': _at(one['measured_at'])}
        Baseline.on_record.create(patient=patient, **own, **_recorded(one, people))
    for one in found['contexts']:
        until = _at(one['until_at']) if one['until_at'] else None
        own = {'code': one['code'], 'from_at': _at(one['from_at']), 'until_at': until}
        Context.on_record.create(patient=patient, **own, **_recorded(one, people))
    for one in found['pauses']:
        own = {key: one[key] for key in ('from_on', 'until_on', 'reason')}
        DiaryPause.on_record.create(patient=patient, **own, **_recorded(one, people))
    for one in found['visits']:
        own = {'on': one['on'], 'at': one['time'], 'what': one['what']}
        made = _recorded(one, people)
        entered = {'entered_by': made.pop('recorded_by'), 'entered_at': made.pop('recorded_at')}
        PlannedVisit.on_record.create(patient=patient, **own, **entered, **made)
    for one in found['questions']:
        who, at = people[one['by']], _at(one['at'])
        VisitQuestion.objects.create(patient=patient, text=one['text'], written_by=who, written_at=at)


def _recorded(record: Gathered, people: People) -> dict[str, Any]:
    made: dict[str, Any] = {'recorded_by': people[record['by']], 'recorded_at': _at(record['at'])}
    if back := record['withdrawn']:
        made |= {
            'withdrawn_at': _at(back['at']),
            'withdrawn_by': people[back['by']],
            'withdrawn_reason': back['reason'],
        }
    return made


def _entry(entry: Gathered, patient: Patient, people: People, *, now: datetime) -> None:
    made = Entry.objects.create(
        patient=patient,
        public_id=entry['id'],
        client_uuid=entry['client_uuid'],
        about_at=_at(entry['about_at']),
        day=entry['day'],
        is_late=entry['is_late'],
        current_number=entry['revisions'][-1]['number'],
    )
    for told in entry['revisions']:
        revision = Revision.objects.create(
            entry=made,
            number=told['number'],
            document=told['document'],
            nothing_new=told['nothing_new'],
            recorded_at=_at(told['recorded_at']),
            received_at=_at(told['received_at']),
            recorded_by=people[told['by']],
        )
        entry_recorded.send(sender=Revision, revision=revision, now=now)


def _photo(photo: Gathered, picture: Picture, patient: Patient, people: People) -> None:
    EntryPhoto.objects.create(
        entry=Entry.objects.get(patient=patient, public_id=photo['entry']),
        public_id=photo['id'],
        symptom=photo['symptom'],
        position=photo['position'],
        sent_digest=bytes.fromhex(photo['sent']),
        image=picture.image,
        thumb=picture.thumb,
        width=picture.width,
        height=picture.height,
        added_by=people[photo['by']],
        added_at=_at(photo['at']),
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
