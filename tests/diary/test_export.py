"""One's own data: a table, a FHIR R4 bundle with codes, and the same diary again where it is read back."""

import csv
import hashlib
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from alerts.models import Evaluation
from clinic.models import Caregiver, Clinic, Membership, Patient
from diary.catalogue import current_catalogue
from diary.export.fhir import NotOurBundleError, bundle_of, gathered_of, pictures_of
from diary.export.gathered import canonical, gathered
from diary.export.table import table_of
from diary.models import Baseline, Context, DiaryPause, Dose, Entry, EntryPhoto
from diary.queries_photos import image_of
from diary.services.entries import correct_entry
from diary.services.photos import withdraw_photo
from diary.services.questions import keep_questions
from diary.services.reading import NotReadError, read_diary
from tests import cast
from tests.cast import NOW, client_of, user_of
from tests.diary.conftest import write
from tests.diary.pictured import from_a_phone, jpeg, photographed
from tests.diary.treated import give_course, give_dose
from tests.poisoned import poison

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('diary', 'content')]
DAY = timedelta(days=1)


def full_diary(patient: Patient) -> Patient:
    """One of everything: two courses' worth of doses, corrected and late entries, what was taken back, two writers."""
    luis = cast.make_caregiver(patient, 'Luis Morales')
    course = give_course(patient, starts_on=date(2026, 10, 26))
    nurse = course.entered_by
    dose = give_dose(course, NOW - 21 * DAY, amount='200 mg')
    gone = {'withdrawn_at': NOW, 'withdrawn_by': nurse, 'withdrawn_reason': 'twice'}
    rec: dict[str, Any] = {'recorded_by': nurse, 'recorded_at': NOW}
    Dose.on_record.create(course=course, cycle=None, given_at=dose.given_at, **rec, **gone)
    Baseline.objects.create(patient=patient, kind='weight', value='80.1234', raw='176.6 lb', measured_at=NOW, **rec)
    Context.objects.create(patient=patient, code='on_steroids', from_at=NOW - 9 * DAY, until_at=NOW, **rec)
    Context.on_record.create(patient=patient, code='on_antipyretics', from_at=NOW - DAY, **rec, **gone)
    DiaryPause.objects.create(patient=patient, from_on=NOW.date(), until_on=NOW.date(), reason='away', **rec)
    keep_questions(patient=patient, lines=['May I fly?', '=cmd()'], seen=[], by=luis.user, now=NOW)
    entry = write(patient, {'FEVER': {'severity': 2, 'celsius': 38.6}, 'HIVES': {'present': True}}, weight=79.8)
    document = {**entry.revisions.get().document, 'measurements': {}}
    said = {'document': document, 'recorded_at': NOW, 'now': NOW}
    correct_entry(entry=entry, by=luis.user, expected_number=1, **said)
    write(patient, {'OTHER': {'text': '=1+1 «ñ»', 'worried': True}}, hours_ago=48, by=luis.user)
    write(patient, {}, hours_ago=72)
    photographed(entry, symptom='HIVES')
    photographed(entry, symptom='HIVES', spots=2, by=luis.user)
    withdraw_photo(photo=photographed(entry, symptom='HIVES', spots=1), by=luis.user, now=NOW)
    return patient


def bundle(patient: Patient) -> str:
    return canonical(bundle_of(gathered(patient), current_catalogue('en'), image_of))


def resources(patient: Patient, kind: str) -> list[dict[str, Any]]:
    found = json.loads(bundle(patient))['entry']
    return [one['resource'] for one in found if one['resource']['resourceType'] == kind]


@pytest.fixture
def taken_away(lakeside: Clinic, sam: Membership) -> str:
    """The export of a diary of another instance: nothing of it is here."""
    text = ''
    with transaction.atomic():
        text = bundle(full_diary(cast.make_patient(cast.make_clinic('There'), 'Ana Morales', record_number='R-1')))
        transaction.set_rollback(True)
    return text


def read(text: str, clinic: Clinic) -> Patient:
    found = json.loads(text)
    return read_diary(found=gathered_of(found), pictures=pictures_of(found), clinic=clinic, now=NOW)


# -- back again --------------------------------------------------------------------------------------------------------


def test_what_is_read_back_is_exported_as_the_very_same_bytes(taken_away: str, lakeside: Clinic) -> None:
    assert not Entry.objects.exists()
    patient = read(taken_away, lakeside)
    assert bundle(Patient.objects.get(pk=patient.pk)) == taken_away
    assert Dose.on_record.filter(course__patient=patient).count() == 2
    assert Dose.objects.filter(course__patient=patient).count() == 1
    assert [entry.current_number for entry in patient.entries.order_by('about_at')] == [1, 1, 2]


def test_what_is_read_back_is_owed_its_evaluations(taken_away: str, lakeside: Clinic) -> None:
    patient = read(taken_away, lakeside)
    owed = Evaluation.objects.filter(patient=patient, pending_since__isnull=False)
    assert owed.count() == 4


def test_nobody_signs_in_as_somebody_who_was_read(taken_away: str, lakeside: Clinic) -> None:
    patient = read(taken_away, lakeside)
    writers = {revision.recorded_by for entry in patient.entries.all() for revision in entry.revisions.all()}
    assert {writer.name for writer in writers} == {'Ana Morales', 'Luis Morales'}
    assert not any(writer.is_active or writer.has_usable_password() for writer in writers)


def test_the_same_diary_is_not_read_twice(taken_away: str, lakeside: Clinic) -> None:
    read(taken_away, lakeside)
    with pytest.raises(NotReadError, match='here already'):
        read(taken_away, lakeside)


def test_other_words_for_a_symptom_are_refused(taken_away: str, lakeside: Clinic) -> None:
    found = gathered_of(json.loads(taken_away))
    found['versions']['FEVER/1'] = 'the digest of other words'
    with pytest.raises(NotReadError, match='FEVER/1'):
        read_diary(found=found, clinic=lakeside, now=NOW)
    assert not Patient.objects.filter(clinic=lakeside).exists()


def test_an_answer_that_cannot_be_read_is_refused(taken_away: str, lakeside: Clinic) -> None:
    found = gathered_of(json.loads(taken_away))
    found['entries'][0]['revisions'][0]['document'] = {'answers': {'FEVER': {'version': 1, 'values': {'severity': 9}}}}
    with pytest.raises(NotReadError, match='cannot be read'):
        read_diary(found=found, clinic=lakeside, now=NOW)
    assert not Patient.objects.filter(clinic=lakeside).exists()


@pytest.mark.parametrize(
    ('records', 'broken'),
    [
        ('courses', {'starts_on': 'soon'}),
        ('courses', {'cycles': [[1, '2026-11-02', '2026-10-01']]}),
        ('courses', {'by': 'nobody'}),
        ('photos', {'entry': '5bd9d1c9-0d54-4f0c-9d4f-0e4b8d0a5c11'}),
        ('photos', {'by': 'nobody'}),
        ('photos', {'position': 9}),
    ],
    ids=str,
)
def test_a_record_that_somebody_broke_by_hand_stores_nothing(
    taken_away: str, lakeside: Clinic, records: str, broken: dict[str, object]
) -> None:
    found = gathered_of(json.loads(taken_away))
    found[records][0] |= broken
    with pytest.raises(NotReadError, match='does not fit'):
        read_diary(found=found, pictures=pictures_of(json.loads(taken_away)), clinic=lakeside, now=NOW)
    assert not Patient.objects.filter(clinic=lakeside).exists()


def test_photos_come_back_as_they_were_but_for_those_taken_away(taken_away: str, lakeside: Clinic) -> None:
    assert not EntryPhoto.on_record.exists()
    patient = read(taken_away, lakeside)
    photos = EntryPhoto.on_record.filter(entry__patient=patient).order_by('position')
    assert [(photo.symptom, photo.position, photo.added_by.name) for photo in photos] == [
        ('HIVES', 1, 'Ana Morales'),
        ('HIVES', 2, 'Luis Morales'),
    ]
    sent = pictures_of(json.loads(taken_away))
    assert [bytes(photo.image) for photo in photos] == [sent[str(photo.public_id)] for photo in photos]
    assert all(bytes(photo.thumb).startswith(b'\xff\xd8') for photo in photos)


@pytest.mark.parametrize('other', [b'', b'no picture', from_a_phone(), jpeg() + b'<script>'], ids=len)
def test_a_picture_that_no_vigil_has_drawn_is_refused(taken_away: str, lakeside: Clinic, other: bytes) -> None:
    found, pictures = gathered_of(json.loads(taken_away)), pictures_of(json.loads(taken_away))
    name = found['photos'][0]['id']
    pictures[name] = other
    with pytest.raises(NotReadError, match='not the one that was exported'):
        read_diary(found=found, pictures=pictures, clinic=lakeside, now=NOW)
    found['photos'][0]['image'] = hashlib.sha256(other).hexdigest()
    with pytest.raises(NotReadError, match='none that a Vigil has drawn'):
        read_diary(found=found, pictures=pictures, clinic=lakeside, now=NOW)
    assert not Patient.objects.filter(clinic=lakeside).exists()


def test_an_export_of_before_photos_is_read_still(taken_away: str, lakeside: Clinic) -> None:
    found = json.loads(taken_away)
    found['entry'] = [one for one in found['entry'] if one['resource']['resourceType'] != 'Media']
    head = found['entry'][0]['resource']['extension'][0]
    head['valueString'] = head['valueString'].replace('"format":2', '"format":1')
    assert read(json.dumps(found), lakeside).entries.count() == 3
    head['valueString'] = head['valueString'].replace('"format":1', '"format":3')
    with pytest.raises(NotOurBundleError, match='forms up to 2'):
        gathered_of(found)


@pytest.mark.parametrize(
    'text', ['[]', '{}', '{"entry": []}', '{"entry": [{"resource": {"resourceType": "Patient"}}]}']
)
def test_another_file_is_no_diary(text: str) -> None:
    with pytest.raises(NotOurBundleError):
        gathered_of(json.loads(text))


def test_the_command_reads_a_file(taken_away: str, lakeside: Clinic, tmp_path: Path) -> None:
    file = tmp_path / 'diary.json'
    file.write_text(taken_away, encoding='utf-8')
    call_command('read_export', str(file), clinic='Lakeside Clinic', stdout=io.StringIO())
    assert Patient.objects.get(clinic=lakeside).entries.count() == 3
    with pytest.raises(CommandError, match='no clinic'):
        call_command('read_export', str(file), clinic='Nowhere')
    file.write_text('rubbish', encoding='utf-8')
    with pytest.raises(CommandError):
        call_command('read_export', str(file), clinic='Lakeside Clinic')


# -- FHIR --------------------------------------------------------------------------------------------------------------


def test_the_bundle_is_the_same_every_time_and_names_only_what_is_in_it(ana: Patient) -> None:
    text = bundle(full_diary(ana))
    assert text == bundle(ana)
    entries = json.loads(text)['entry']
    urls = [entry['fullUrl'] for entry in entries]
    assert len(urls) == len(set(urls))
    assert all(entry['fullUrl'] == f'urn:uuid:{entry["resource"]["id"]}' for entry in entries)
    subjects = {entry['resource']['subject']['reference'] for entry in entries[1:]}
    derived = {d['reference'] for entry in entries for d in entry['resource'].get('derivedFrom', [])}
    assert subjects | derived <= set(urls)


def test_every_revision_is_a_response_and_what_counts_now_is_observed(ana: Patient) -> None:
    full_diary(ana)
    told = resources(ana, 'QuestionnaireResponse')
    assert sorted(one['status'] for one in told) == ['amended', 'completed', 'completed', 'completed']
    assert not [
        one for one in resources(ana, 'Observation') if one['code']['text'] == 'Weight'
    ]  # the correction took it out


def test_codes_are_those_that_the_catalogue_is_sure_of(ana: Patient) -> None:
    write(ana, {'FEVER': {'severity': 2, 'celsius': 38.6}, 'THROAT': {'present': True}}, weight=79.8, spo2=97)
    found = {one['code']['text']: one for one in resources(ana, 'Observation')}
    assert found['Pyrexia']['code']['coding'][0] == {'system': 'http://snomed.info/sct', 'code': '386661006'}
    assert [coding['system'] for coding in found['Throat tightness']['code']['coding']] == ['urn:vigil:symptom']
    assert found['Throat tightness']['valueBoolean'] is True
    assert found['Body temperature']['code']['coding'][0]['code'] == '8310-5'
    assert found['Body temperature']['valueQuantity'] == {
        'value': 38.6, 'unit': 'C', 'system': 'http://unitsofmeasure.org', 'code': 'Cel',
    }  # fmt: skip
    weight = next(one for name, one in found.items() if 'eight' in name)
    assert weight['code']['coding'][0]['code'] == '29463-7'


def test_what_was_taken_back_says_so(ana: Patient) -> None:
    full_diary(ana)
    statuses = [one['status'] for one in resources(ana, 'MedicationAdministration')]
    assert sorted(statuses) == ['completed', 'entered-in-error']


def test_an_answer_that_cannot_be_read_is_taken_along_as_it_is(ana: Patient) -> None:
    poison(write(ana, {'FATIGUE': {'severity': 1}}))
    assert gathered_of(json.loads(bundle(ana)))['entries'][0]['revisions'][0]['document'] == 'rubbish'
    assert 'cannot be read' in table_of(gathered(ana), current_catalogue('en'))


# -- the table and the pages -------------------------------------------------------------------------------------------


def test_the_table_has_a_line_for_each_answer_and_runs_no_formula(ana: Patient) -> None:
    rows = list(csv.DictReader(io.StringIO(table_of(gathered(full_diary(ana)), current_catalogue('en'))[1:])))
    fever = [row for row in rows if row['field'] == 'celsius']
    assert [(row['value'], row['counts_now'], row['snomed'], row['loinc']) for row in fever] == [
        ('38.6', 'no', '386661006', '8310-5'),
        ('38.6', 'yes', '386661006', '8310-5'),
    ]
    assert {row['kind'] for row in rows} == {
        'answer', 'measurement', 'nothing new', 'course', 'dose', 'usual value', 'context', 'pause', 'question',
    }  # fmt: skip
    texts = {row['value'] for row in rows}
    assert {"'=cmd()", "'=1+1 «ñ»"} <= texts


def test_the_table_says_words_and_days_as_the_patient_knows_them(ana: Patient) -> None:
    write(
        ana, {'FATIGUE': {'severity': 2}, 'HIVES': {'present': True}}, hours_ago=12
    )  # 21:00 of the day before in New York
    rows = list(csv.DictReader(io.StringIO(table_of(gathered(ana), current_catalogue('es'))[1:])))
    tired, hives = rows
    assert (tired['day'], tired['about'][:10], tired['late']) == ('2026-11-15', '2026-11-16', 'no')
    assert (tired['name'], tired['value'], tired['word']) == ('Cansancio', '2', 'Moderado')
    assert (hives['field'], hives['value'], hives['word']) == ('present', 'yes', '')


def test_a_patient_takes_her_own_data_and_a_caregiver_nothing(ana: Patient, luis: Caregiver) -> None:
    write(ana, {'FATIGUE': {'severity': 1}})
    client = client_of(ana)
    assert client.get('/me/export/').status_code == 200
    answer = client.get('/me/export/diary.fhir.json')
    assert answer['Content-Disposition'] == 'attachment; filename="diary.fhir.json"'
    assert 'no-store' in answer['Cache-Control']
    text = answer.getvalue().decode()
    assert json.loads(text)['entry'][0]['resource']['name'] == [{'text': 'Ana Morales'}]
    assert client.get('/me/export/diary.csv').content.decode().startswith('\ufeffkind,')
    assert str(user_of(ana).email) not in text
    for path in ('', 'diary.csv', 'diary.fhir.json'):
        assert client_of(luis).get(f'/me/export/{path}').status_code == 404
