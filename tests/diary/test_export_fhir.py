"""Generated diaries as FHIR: valid by the models of fhir.resources (R4B), with fields of R4 only, and whole again from the file."""

import hashlib
import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from clinic.models import Clinic, Patient
from diary.catalogue import CatalogueView, SymptomSpec, current_catalogue
from diary.documents import validate_document
from diary.export.fhir import bundle_of, gathered_of, pictures_of
from diary.export.gathered import Gathered, canonical, digest_of, gathered
from diary.fields import FieldKind, FieldSpec
from diary.models import (
    Baseline,
    Context,
    Cycle,
    DiaryPause,
    Dose,
    Entry,
    EntryPhoto,
    PlannedVisit,
    Reminder,
    Revision,
    SymptomVersion,
    TreatmentCourse,
    VisitQuestion,
)
from diary.models.withdrawn import WithdrawnReason
from diary.pictures import drawn_anew
from diary.queries_photos import image_of
from diary.services.reading import read_diary
from tests.cast import NOW
from tests.diary.pictured import jpeg
from tests.diary.test_export import full_diary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('diary', 'content')]

# Every field that we write, as R4 (4.0.1) names it. R4B's models would also take what only R4B has.
R4 = {
    'Patient': {'identifier', 'name', 'birthDate'},
    'CarePlan': {'status', 'intent', 'title', 'subject', 'period'},
    'MedicationAdministration': {'status', 'medicationCodeableConcept', 'subject', 'effectiveDateTime', 'dosage'},
    'QuestionnaireResponse': {'identifier', 'status', 'subject', 'authored', 'author', 'item'},
    'Observation': {
        'status', 'category', 'code', 'subject', 'effectiveDateTime', 'effectivePeriod', 'valueQuantity', 'valueBoolean',
        'valueCodeableConcept', 'derivedFrom',
    },
    'Basic': {'code', 'subject', 'created'},
    'Media': {
        'partOf', 'status', 'type', 'subject', 'createdDateTime', 'reasonCode', 'height', 'width', 'content',
    },
}  # fmt: skip
ANY = {'resourceType', 'id', 'extension'}


PICTURE = drawn_anew(jpeg()).image


def picture_of(photo: str) -> bytes:
    return PICTURE


class Life:
    """A made-up diary as `gathered` gives it: the same seed tells the same life."""

    def __init__(self, seed: int, catalogue: CatalogueView) -> None:
        self.chance, self.catalogue, self.seed = random.Random(seed), catalogue, seed
        self.at = datetime(2026, 3, 1, 8, tzinfo=UTC)

    def gathered(self) -> Gathered:
        entries = [self.entry() for _ in range(self.chance.randint(0, 12))]
        named = {
            (code, answer['version'])
            for entry in entries
            for revision in entry['revisions']
            for code, answer in revision['document']['answers'].items()
        }
        rows = {(row.symptom.code, row.number): row for row in SymptomVersion.objects.select_related('symptom')}
        return {
            'patient': self.patient(),
            'people': [{'key': 'p1', 'name': 'Ana Ñandú “A.”'}, {'key': 'p2', 'name': 'Rosa Díaz'}],
            'versions': {f'{code}/{number}': digest_of(rows[code, number]) for code, number in sorted(named)},
            'courses': [self.course() for _ in range(self.chance.randint(0, 2))],
            'baselines': [self.listed(kind='weight', value='80.1234', raw='80,1 kg', measured_at=self.when())],
            'contexts': [self.listed(code='on_steroids', from_at=self.when(), until_at=self.maybe(self.when()))],
            'pauses': [self.listed(from_on='2026-04-01', until_on='2026-04-03', reason='away')],
            'visits': [self.listed(on='2026-04-09', time=self.maybe('09:30:00'), what='Blood test')],
            'questions': [{'text': 'May I fly?\u00a0<b>', 'by': 'p1', 'at': self.when()}],
            'entries': entries,
            'photos': [self.photo(entry) for entry in entries if self.chance.random() < 0.4],
        }

    def maybe(self, found: Any) -> Any:
        return self.chance.choice((found, None))

    def when(self) -> str:
        self.at += timedelta(hours=self.chance.randint(1, 60), microseconds=self.chance.choice((0, 120_345)))
        return self.at.isoformat()

    def own_uuid(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def patient(self) -> Gathered:
        return {
            'id': self.own_uuid(), 'record_number': f'R-{self.seed}', 'name': 'Ana Ñandú', 'birth_date': self.maybe('1961-02-28'),
            'time_zone': 'America/New_York', 'language': 'es', 'temperature_unit': 'C', 'weight_unit': 'kg',
        }  # fmt: skip

    def listed(self, **own: Any) -> Gathered:
        back = {'at': self.when(), 'by': 'p2', 'reason': WithdrawnReason.values[0]}
        return {**own, 'by': 'p2', 'at': self.when(), 'withdrawn': self.maybe(back)}

    def course(self) -> Gathered:
        doses = [self.dose() for _ in range(3)]
        day = self.chance.randint(1, 9)
        return {
            'id': self.own_uuid(), 'therapy': 'checkpoint_inhibitor', 'agent': self.maybe('pembrolizumab'), 'route': 'intravenous',
            'schedule': 'every_n_days', 'cycle_days': 21, 'dose_days': [1], 'planned_cycles': 1, 'starts_on': f'2026-03-0{day}',
            'stopped_on': self.maybe('2026-03-20'), 'by': 'p2', 'at': self.when(),
            'cycles': [[1, f'2026-03-0{day}', '2026-03-25']], 'doses': doses,
        }  # fmt: skip

    def dose(self) -> Gathered:
        own = self.listed(given_at=self.when(), amount=self.chance.choice(('', '200 mg')))
        return own | {'cycle': None if own['withdrawn'] else self.maybe(1)}

    def entry(self) -> Gathered:
        at = self.when()
        revisions = [self.revision(number) for number in range(1, self.chance.choice((2, 2, 2, 4)))]
        return {
            'id': self.own_uuid(), 'client_uuid': self.own_uuid(), 'about_at': at, 'day': at[:10],
            'is_late': self.chance.random() < 0.2, 'revisions': revisions,
        }  # fmt: skip

    def photo(self, entry: Gathered) -> Gathered:
        return {
            'id': self.own_uuid(), 'entry': entry['id'], 'symptom': 'RASH', 'position': 1, 'sent': self.chance.randbytes(32).hex(),
            'image': hashlib.sha256(PICTURE).hexdigest(), 'width': 640, 'height': 480, 'by': 'p1', 'at': self.when(),
        }  # fmt: skip

    def revision(self, number: int) -> Gathered:
        codes = self.chance.sample(sorted(self.catalogue.symptoms), self.chance.choice((0, 1, 3, 8)))
        document = {
            'answers': {code: self.answer(self.catalogue.symptom(code)) for code in codes},
            'measurements': {code: self.measured(spec.field) for code, spec in self.catalogue.measurements.items()},
        }
        validate_document(document, self.catalogue)
        times = {'recorded_at': self.when(), 'received_at': self.when()}
        return {'number': number, 'document': document, 'nothing_new': not codes, 'by': 'p1', **times}

    def answer(self, spec: SymptomSpec) -> Gathered:
        names = self.chance.sample(sorted(spec.fields), self.chance.randint(1, len(spec.fields)))
        return {'version': spec.number, 'values': {name: self.value(spec.fields[name]) for name in names}}

    def measured(self, field: FieldSpec) -> Gathered:
        value = self.value(field)
        return {'value': value, 'raw': [str(value), field.unit]}

    def value(self, field: FieldSpec) -> Any:
        if field.kind is FieldKind.YES:
            return self.chance.random() < 0.5
        if field.kind is FieldKind.TEXT:
            return self.chance.choice(('=1+1', 'Itches «here» <script>', 'ñ 😀 日本', '"quoted", \\ and more'))
        whole = self.chance.randint(int(field.low) + 1, int(field.high))
        return whole if field.kind in (FieldKind.SEVERITY, FieldKind.COUNT) else round(whole - self.chance.random(), 1)


@pytest.fixture
def english() -> CatalogueView:
    return current_catalogue('en')


def strings(found: Any) -> Iterator[str]:
    for child in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        if isinstance(child, str):
            yield child
        yield from strings(child)


def lives(english: CatalogueView) -> list[Gathered]:
    return [Life(seed, english).gathered() for seed in range(10)]


def test_generated_diaries_are_valid_fhir(english: CatalogueView) -> None:
    seen = set()
    for found in lives(english):
        text = canonical(bundle_of(found, english, picture_of))
        bundle = Bundle.model_validate_json(text)
        assert bundle.entry is not None
        kinds = [entry['resource'] for entry in json.loads(text)['entry']]
        seen |= {kind['resourceType'] for kind in kinds}
        assert all(set(kind) - ANY <= R4[kind['resourceType']] for kind in kinds)
        assert all(text.strip() for text in strings(kinds)), 'FHIR has no empty texts'
    assert seen == set(R4)


def test_every_reference_of_a_generated_diary_is_in_its_bundle(english: CatalogueView) -> None:
    for found in lives(english):
        entries = bundle_of(found, english, picture_of)['entry']
        urls = [entry['fullUrl'] for entry in entries]
        assert len(urls) == len(set(urls))
        named = {text for text in strings(entries) if text.startswith('urn:uuid:')}
        assert named <= set(urls)


def test_a_generated_diary_comes_out_of_its_bundle_as_it_went_in(english: CatalogueView) -> None:
    for found in lives(english):
        bundle = json.loads(canonical(bundle_of(found, english, picture_of)))
        assert gathered_of(bundle) == found
        assert pictures_of(bundle) == {photo['id']: PICTURE for photo in found['photos']}


def test_a_generated_diary_is_the_same_after_it_was_read_into_the_database(
    english: CatalogueView, lakeside: Clinic
) -> None:
    found = next(life for life in lives(english) if len(life['entries']) > 4 and life['courses'] and life['photos'])
    pictures = {photo['id']: PICTURE for photo in found['photos']}
    patient = read_diary(found=found, pictures=pictures, clinic=lakeside, now=NOW)
    again = gathered(Patient.objects.get(pk=patient.pk))
    names = {person['key']: person['name'] for person in again['people']}
    assert set(names.values()) == {person['name'] for person in found['people']}
    assert _named(again, names) == _named(found, {person['key']: person['name'] for person in found['people']})


def _named(found: Any, names: dict[str, str]) -> Any:
    """With people by name: their keys follow the order in which they are met. Lists of equal things have no order of their own."""
    if isinstance(found, dict):
        return {key: names.get(value, value) if key == 'by' else _named(value, names) for key, value in found.items()
                if key not in ('people',)}  # fmt: skip
    if isinstance(found, list):
        return sorted((_named(value, names) for value in found), key=canonical)
    return found


# What a column of the diary becomes in the export, or why it is in none. A new column fails here until it has its line.
COLUMNS: dict[Any, set[str]] = {
    Patient: {
        'public_id', 'record_number', 'name', 'birth_date', 'time_zone', 'language', 'temperature_unit', 'weight_unit',
    },
    TreatmentCourse: {
        'public_id', 'therapy', 'agent', 'route', 'schedule', 'cycle_days', 'dose_days', 'planned_cycles', 'starts_on',
        'stopped_on', 'entered_by', 'entered_at',
    },
    Cycle: {'number', 'starts_on', 'ends_on'},
    Dose: {'cycle', 'given_at', 'amount'},
    Baseline: {'kind', 'value', 'raw', 'measured_at'},
    Context: {'code', 'from_at', 'until_at'},
    DiaryPause: {'from_on', 'until_on', 'reason'},
    PlannedVisit: {'on', 'at', 'what', 'entered_by', 'entered_at'},
    VisitQuestion: {'text', 'written_by', 'written_at'},
    Entry: {'public_id', 'client_uuid', 'about_at', 'day', 'is_late'},
    Revision: {'number', 'document', 'nothing_new', 'recorded_at', 'received_at', 'recorded_by'},
    EntryPhoto: {
        'public_id', 'entry', 'symptom', 'position', 'sent_digest', 'image', 'width', 'height', 'added_by', 'added_at',
    },
    Reminder: set(),
}  # fmt: skip
KEPT_WITH_EACH = {'recorded_by', 'recorded_at', 'withdrawn_at', 'withdrawn_by', 'withdrawn_reason'}
FOLLOWS = {'id', 'patient', 'course', 'entry', 'current_number'}
THE_CLINICS = {
    'clinic', 'user', 'email', 'phone', 'primary_nurse', 'care_team', 'is_synthetic', 'is_drill', 'created_at',
}  # fmt: skip
HER_SETTINGS = {'is_on', 'at', 'next_at', 'changed_at'}


@pytest.mark.parametrize('model', COLUMNS, ids=lambda model: model.__name__)
def test_every_column_of_the_diary_is_taken_along_or_left_out_on_purpose(model: Any) -> None:
    left = {Patient: THE_CLINICS, Reminder: HER_SETTINGS, EntryPhoto: {'thumb'}}.get(model, set())
    known = COLUMNS[model] | KEPT_WITH_EACH | FOLLOWS | left
    assert {column.name for column in model._meta.concrete_fields} <= known


def test_the_full_diary_of_the_other_tests_is_valid_too(ana: Patient, english: CatalogueView) -> None:
    Bundle.model_validate_json(canonical(bundle_of(gathered(full_diary(ana)), english, image_of)))
