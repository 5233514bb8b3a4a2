"""The record of who looked at whose data: no page forgets it, nobody changes it, the patient reads it."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from clinic.models import AuditAct, AuditEvent, AuditSeal, Membership, Patient
from clinic.queries_audit import OLDER, events_of, looks_at, older_of
from clinic.services import audit, invitations
from tests import cast
from tests.cast import NOW, client_of
from tests.clinic.test_gate import address, objects, places, rows  # noqa: F401  (a fixture of that table's)
from tests.diary.conftest import write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('now')]
LATER = NOW + timedelta(minutes=5)


def of(patient: Patient) -> list[tuple[str, str, str]]:
    found = AuditEvent.objects.filter(patients__contains=[patient.pk]).order_by('pk').select_related('actor')
    return [(event.actor.name.split()[0], event.act, event.page) for event in found]


@pytest.mark.parametrize(
    ('who', 'name', 'least'), [('rosa', 'Ana Morales', 10), ('grace', 'Ana Morales', 0), ('luis', 'Ana’s diary', 8)]
)
def test_no_page_names_a_patient_without_a_record_of_it(who, name, least, request, objects, ana):  # noqa: F811
    client, forgotten, named = client_of(request.getfixturevalue(who)), [], 0
    known = places(office=False)
    for row in rows():
        if row.method != 'GET' or row.marks[who] != '✓':
            continue
        with transaction.atomic():
            before = AuditEvent.objects.count()
            response = client.get(address(known[row.name], objects))
            if not response.streaming and name.encode() in response.content:
                named += 1
                new = AuditEvent.objects.order_by('pk')[before:]
                if not any(ana.pk in event.patients for event in new):
                    forgotten.append(row.name)
            transaction.set_rollback(True)
    assert not forgotten
    assert named >= least


def test_django_admins_pages_are_on_record_too(grace, ana, content):
    client = client_of(grace)
    assert b'Ana Morales' in client.get('/admin/clinic/patient/').content
    client.get(f'/admin/clinic/patient/{ana.pk}/change/')
    assert of(ana) == [
        ('Grace', 'listed', 'admin:clinic_patient_changelist'),
        ('Grace', 'opened', 'admin:clinic_patient_change'),
    ]


def test_what_is_opened_listed_and_written_is_told_apart(rosa, ana, content):
    client = client_of(rosa)
    client.get('/patients/?whose=all')
    client.post('/patients/', {'words': 'Ana'})
    client.get(reverse('diary:patient', args=[ana.public_id]))
    client.post(reverse('clinic:invite_again', args=[ana.public_id]))
    assert of(ana) == [
        ('Rosa', 'listed', 'clinic:patients'),
        ('Rosa', 'opened', 'diary:patient'),
        ('Rosa', 'wrote', 'clinic:invite_again'),
    ]
    assert AuditEvent.objects.get(act='opened').about == str(ana.public_id)
    assert AuditEvent.objects.get(act='opened').clinic == ana.clinic


def test_her_own_pages_are_not_on_record_but_a_caregivers_are(ana, luis, content):
    client_of(ana).get('/today/')
    assert of(ana) == []
    client_of(luis).get('/today/')
    assert of(ana) == [('Luis', 'listed', 'diary:today')]


def test_a_page_that_asks_for_itself_again_and_again_is_one_access(rosa, ana, content):
    client = client_of(rosa)
    page = reverse('diary:patient', args=[ana.public_id])
    for minutes in (0, 1, 9, 12):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            client.get(page)
    assert len(of(ana)) == 2


def test_a_newcomer_on_a_list_is_written_down_at_once(rosa, ana, ben, content):
    client = client_of(rosa)
    client.get('/patients/?whose=all')
    cara = cast.make_patient(ana.clinic, 'Cara Lind', email='cara@example.com')
    client.get('/patients/?whose=all')
    first, second = AuditEvent.objects.filter(page='clinic:patients').order_by('pk')
    assert set(first.patients) == {ana.pk, ben.pk}
    assert second.patients == [cara.pk]


def test_a_link_that_opens_a_door_is_not_on_record(rosa, ana):
    ida = cast.make_user('Ida Berg', email='ida@example.com')
    as_what = {'name': 'Ida', 'email': 'ida@example.com', 'relationship': 'sister', 'can_write': False}
    token = invitations.invite_caregiver(patient=ana, by=rosa.user, now=NOW, **as_what).token
    assert client_of(ida).get(reverse('clinic:invitation', args=[token])).status_code == 200
    assert of(ana) == [('Ida', 'opened', 'clinic:invitation')]
    assert AuditEvent.objects.get().about == ''


def test_a_nurse_who_is_a_patient_too_does_not_look_at_herself_with_every_page(rosa, ana, content):
    ana.user = rosa.user
    ana.save()
    client_of(rosa).get('/clinic/rules/')
    assert not AuditEvent.objects.exists()


def test_whoever_stands_on_a_list_that_is_about_something_else_was_not_opened(grace, ana, ben, content):
    client = client_of(grace)
    client.post(reverse('alerts:try_it', args=[content.pk]), {'do': 'find', 'words': ''})
    assert of(ana) == [('Grace', 'listed', 'alerts:try_it')]
    client.post(reverse('alerts:try_it', args=[content.pk]), {'do': f'patient:{ana.public_id}'})
    assert of(ana)[1:] == [('Grace', 'opened', 'alerts:try_it')]
    assert of(ben) == [('Grace', 'listed', 'alerts:try_it')]


def test_an_admin_who_reads_the_record_reads_no_name_of_another_clinic(grace, ana, olga, content):
    server = cast.make_user('Vera Root', is_superuser=True, is_staff=True)
    client_of(server).get('/admin/clinic/patient/')
    assert set(AuditEvent.objects.get().patients) == {ana.pk, olga.pk}
    text = client_of(grace).get('/admin/clinic/auditevent/').content.decode()
    assert 'Ana Morales' in text
    assert 'Olga Novak' not in text
    assert of(ana)[1:] == [('Grace', 'listed', 'admin:clinic_auditevent_changelist')]
    assert [event.actor.name for event in AuditEvent.objects.filter(patients__contains=[olga.pk])] == ['Vera Root']
    assert 'Olga Novak' in client_of(server).get('/admin/clinic/auditevent/').content.decode()


def test_a_stranger_leaves_no_trace_because_she_is_shown_nothing(sam, ana, content):
    assert client_of(sam).get(reverse('diary:patient', args=[ana.public_id])).status_code == 404
    assert of(ana) == []


# -- append-only, and sealed ---------------------------------------------------------------------------------------------
def looked(actor: Membership, patient: Patient, *, at=NOW) -> AuditEvent:
    given = {'act': AuditAct.WROTE, 'page': 'alerts:note', 'about': '', 'patients': [patient.pk]}
    audit.record(actor=actor.user.pk, clinic=actor.clinic.pk, now=at, **given)
    return AuditEvent.objects.latest('pk')


@pytest.mark.parametrize(
    'statement',
    [
        "UPDATE clinic_auditevent SET page = 'x'",
        'UPDATE clinic_auditevent SET seal_id = NULL',
        'DELETE FROM clinic_auditevent',
        "UPDATE clinic_auditseal SET digest = 'x'",
        'DELETE FROM clinic_auditseal',
    ],
)
def test_the_database_changes_nothing_that_is_on_record(statement, rosa, ana):
    looked(rosa, ana)
    assert audit.seal(now=LATER) == 1
    with pytest.raises(IntegrityError, match='append-only'), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_event_is_sealed_when_no_earlier_one_can_come_any_more(rosa, ana):
    looked(rosa, ana, at=NOW)
    assert audit.seal(now=NOW + timedelta(seconds=20)) == 0
    assert audit.seal(now=NOW + timedelta(seconds=40)) == 1
    assert audit.seal(now=LATER) == 0
    assert audit.verify() == []


def tampered(statement: str) -> None:
    """As somebody with the database's own rights could."""
    with connection.cursor() as cursor:
        cursor.execute('SET CONSTRAINTS ALL IMMEDIATE')
        cursor.execute('ALTER TABLE clinic_auditevent DISABLE TRIGGER USER')
        cursor.execute('ALTER TABLE clinic_auditseal DISABLE TRIGGER USER')
        cursor.execute(statement)


@pytest.mark.parametrize(
    ('statement', 'why'),
    [
        ("UPDATE clinic_auditevent SET page = 'x' WHERE id = {second}", 'an event was changed'),
        ('UPDATE clinic_auditevent SET patients = ARRAY[1] WHERE id = {second}', 'an event was changed'),
        ('DELETE FROM clinic_auditevent WHERE id = {second}', '1 events were sealed, 0 are there'),
        (
            'UPDATE clinic_auditevent SET seal_id = {third_seal} WHERE id = {second}',
            '1 events were sealed, 0 are there',
        ),
    ],
)
def test_a_change_behind_the_application_shows(statement, why, rosa, ana):
    events = []
    for number in range(3):
        at = NOW + timedelta(minutes=number)
        events.append(looked(rosa, ana, at=at))
        audit.seal(now=at + timedelta(seconds=40))
    seals = list(AuditSeal.objects.order_by('pk'))
    tampered(statement.format(second=events[1].pk, third_seal=seals[2].pk))
    broken = audit.verify()
    assert (broken[0].seal, broken[0].why) == (seals[1].pk, why)
    with pytest.raises(CommandError, match='not whole'):
        call_command('verify_audit', stderr=StringIO())


def test_a_seal_that_was_taken_away_with_its_events_shows(rosa, ana):
    for number in range(3):
        at = NOW + timedelta(minutes=number)
        looked(rosa, ana, at=at)
        audit.seal(now=at + timedelta(seconds=40))
    first = AuditSeal.objects.order_by('pk')[0]
    tampered(
        f'DELETE FROM clinic_auditevent WHERE seal_id = {first.pk}; DELETE FROM clinic_auditseal WHERE id = {first.pk}'
    )
    assert [one.why for one in audit.verify()] == ['the seal before it is missing or another']


def test_a_whole_record_says_so(rosa, ana):
    looked(rosa, ana)
    audit.seal(now=LATER)
    out = StringIO()
    call_command('verify_audit', stdout=out)
    assert 'The record is whole: 1 seals fit, 0 events wait for theirs.' in out.getvalue()


# -- what she reads ------------------------------------------------------------------------------------------------------
def test_she_reads_who_looked_at_what_and_when(ana, rosa, luis, content):
    entry = write(ana, {'FATIGUE': {'severity': 1}})
    nurse = client_of(rosa)
    nurse.get('/patients/?whose=all')
    nurse.get(reverse('diary:patient', args=[ana.public_id]))
    nurse.get(reverse('diary:patient_entry', args=[ana.public_id, entry.public_id]))
    client_of(luis).get('/today/')
    text = ' '.join(client_of(ana).get('/me/looks/').content.decode().split())
    assert '<strong>Rosa Diaz</strong> <span class="muted small">nurse · last at <span class="num">9:00</span>' in text
    assert 'Opened: an entry of your diary, the page about you.' in text
    assert 'Saw your name on: the list of patients.' in text
    assert 'Luis Morales' in text


def test_where_nobody_looked_she_reads_that(ana):
    assert 'Nobody has looked' in client_of(ana).get('/me/looks/').content.decode()


def test_of_days_before_the_record_she_reads_that_nothing_is_known(ana):
    began = MigrationRecorder.Migration.objects.filter(app='clinic', name='0003_audit')
    began.update(applied=NOW - timedelta(days=3))
    assert 'This list began on 13 November 2026.' in client_of(ana).get('/me/looks/').content.decode()
    began.update(applied=NOW - timedelta(days=300))
    assert 'This list began' not in client_of(ana).get('/me/looks/').content.decode()


def test_a_caregiver_does_not_read_who_else_looks(luis, ana):
    assert client_of(luis).get('/me/looks/').status_code == 404


@pytest.mark.parametrize('until', ['soon', '2026-13-01', '', '0001-01-01'])
def test_a_day_that_is_none_is_no_page(ana, until):
    assert client_of(ana).get('/me/looks/', {'until': until}).status_code == 404


def test_older_days_are_a_page_further(ana, rosa):
    looked(rosa, ana, at=NOW - timedelta(days=40))
    text = client_of(ana).get('/me/looks/').content.decode()
    assert 'Nobody has looked' in text
    assert '?until=2026-10-17' in text
    assert 'Rosa Diaz' in client_of(ana).get('/me/looks/?until=2026-10-17').content.decode()


# -- what it costs ---------------------------------------------------------------------------------------------------------


def listed(patients, person, *, at):
    """Rows of the worklist, one for each time."""
    given = {'actor': person.user, 'clinic': person.clinic, 'act': AuditAct.LISTED, 'page': 'alerts:worklist'}
    ids = [patient.pk for patient in patients]
    AuditEvent.objects.bulk_create(AuditEvent(at=each, patients=ids, **given) for each in at)


def rows_read(statement, params=()):
    """How many rows the plan takes from tables and throws away again, by PostgreSQL's own count."""
    with connection.cursor() as cursor:
        cursor.execute('ANALYZE clinic_auditevent')
        cursor.execute(
            'SET LOCAL enable_seqscan = off'
        )  # whether the index can serve it, whatever the size of the table
        cursor.execute(f'EXPLAIN (ANALYZE, FORMAT JSON) {statement}', params)
        (found,) = cursor.fetchone()
    return _rows(found[0]['Plan'])


def _rows(node):
    own = node['Actual Rows'] * node['Actual Loops'] if node.get('Relation Name') == 'clinic_auditevent' else 0
    lost = sum(node.get(f'Rows Removed by {why}', 0) for why in ('Index Recheck', 'Filter'))
    return own + lost + sum(map(_rows, node.get('Plans', ())))


def test_what_her_page_reads_does_not_grow_with_years_of_lists(ana, ben, rosa):
    def read():
        begins, ends = NOW - timedelta(days=30), NOW + timedelta(days=1)
        events = events_of(ana, begins=begins, ends=ends).query.sql_with_params()
        return rows_read(*events), rows_read(OLDER, older_of(ana, begins))

    listed([ana, ben], rosa, at=[NOW - timedelta(hours=n) for n in range(20)])
    listed([ana, ben], rosa, at=[NOW - timedelta(days=40 + n) for n in range(60)])
    before = read()
    listed([ana, ben], rosa, at=[NOW - timedelta(days=120, hours=n) for n in range(6_000)])
    # The planner may take another way through the same index: some rows more or less, but nothing like 6,000.
    assert all(after <= first + 200 for after, first in zip(read(), before, strict=True)), (read(), before)


def test_the_way_to_earlier_days_is_there_as_long_as_somebody_looked(ana, ben, rosa):
    until = NOW.date()
    listed([ben], rosa, at=[NOW - timedelta(days=800)])
    assert looks_at(ana, until=until).older is None
    listed([ana], rosa, at=[NOW - timedelta(days=500)])
    assert looks_at(ana, until=until).older == until - timedelta(days=30)
    assert looks_at(ana, until=until - timedelta(days=510)).older is None


def test_what_was_refused_is_no_writing(rosa, ana):
    path = reverse('clinic:patient_edit', args=[ana.public_id])
    assert client_of(rosa).post(path, {'name': ''}).status_code == 422
    assert [act for _who, act, _page in of(ana)] == ['opened']
