"""A nurse finds, enrols and changes patients."""

from datetime import date

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import Invitation, Patient
from clinic.services.enrolment import RecordNumberTaken, change_patient, enrol_patient
from clinic.services.invitations import invite_patient
from tests.cast import NOW, client_of, make_patient, make_team

pytestmark = pytest.mark.django_db
LIST, ENROL = reverse('clinic:patients'), reverse('clinic:enrol')


def details(**changed):
    usual = {
        'name': 'Eva Lind',
        'record_number': 'R-2000',
        'birth_date': '1961-05-04',
        'email': 'eva@example.com',
        'phone': '212-555-0150',
        'time_zone': 'America/New_York',
        'language': 'en',
        'temperature_unit': 'F',
        'weight_unit': 'lb',
        'primary_nurse': '',
        'care_team': '',
    }
    return usual | changed


def written(**changed):
    """The same, as the service takes it."""
    return details(birth_date=None, primary_nurse=None, care_team=None, phone='+12125550150', **changed)


def names(response):
    return [patient.name for patient in response.context['page'].object_list]


def test_a_nurse_enrols_a_patient_who_gets_an_invitation(rosa, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = client_of(rosa).post(ENROL, details(primary_nurse=rosa.pk))
    eva = Patient.objects.get(record_number='R-2000')
    assert response.url == reverse('diary:patient', args=[eva.public_id])
    assert (eva.clinic, eva.primary_nurse, eva.birth_date) == (rosa.clinic, rosa, date(1961, 5, 4))
    assert eva.phone.as_e164 == '+12125550150'
    assert [message.to for message in mail.outbox] == [['eva@example.com']]
    assert Invitation.objects.get(patient=eva).invited_by == rosa.user


def test_a_link_sent_to_a_wrong_address_ends_when_the_address_is_put_right(rosa, riverside, now):
    eva = make_patient(riverside, 'Eva Lind', user=False, record_number='R-2000', email='wrong@example.com')
    invitation = invite_patient(patient=eva, by=rosa.user, now=NOW).invitation
    page = reverse('clinic:patient_edit', args=[eva.public_id])
    client_of(rosa).post(page, details(email='WRONG@example.com'))
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is None
    assert client_of(rosa).post(page, details()).status_code == 302
    invitation.refresh_from_db()
    assert invitation.withdrawn_at == NOW


def test_a_search_with_a_sign_that_no_database_keeps_finds_by_the_rest(rosa, ana):
    assert names(client_of(rosa).post(LIST, {'words': 'Mora\0les'})) == ['Ana Morales']


def test_the_form_starts_with_what_is_usual_at_the_clinic(sam):
    form = client_of(sam).get(ENROL).context['form']
    assert (form['time_zone'].value(), form['temperature_unit'].value()) == ('Europe/London', 'C')
    assert form['primary_nurse'].value() in (sam, sam.pk)


def test_without_an_address_a_patient_is_enrolled_and_nothing_is_sent(rosa, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client_of(rosa).post(ENROL, details(email=''))
    assert Patient.objects.filter(record_number='R-2000').exists()
    assert not Invitation.objects.exists()
    assert mail.outbox == []


def test_a_record_number_that_is_used_already_is_told_at_its_field(rosa, ana):
    page = client_of(rosa).post(ENROL, details(record_number='R-1001'))
    assert page.status_code == 422
    assert 'This clinic already has a patient with this record number' in page.content.decode()
    assert not Patient.objects.filter(name='Eva Lind').exists()


def test_another_clinic_may_use_the_same_record_number(sam, ana, now):
    client_of(sam).post(ENROL, details(record_number='R-1001', phone='+442079460150', time_zone='Europe/London'))
    assert Patient.objects.filter(record_number='R-1001').count() == 2


def test_the_service_refuses_a_used_record_number_and_sends_nothing(rosa, ana, riverside):
    with pytest.raises(RecordNumberTaken, match='already has a patient'):
        enrol_patient(clinic=riverside, by=rosa.user, now=NOW, details=written(record_number='R-1001'))
    assert not Invitation.objects.exists()


def test_the_database_keeps_a_record_number_from_being_used_twice(ana, riverside):
    with pytest.raises(IntegrityError, match='patient_record_number_once_per_clinic'), transaction.atomic():
        make_patient(riverside, 'Eva Lind', user=False, record_number=ana.record_number)


@pytest.mark.parametrize(
    ('wrong', 'words'),
    [
        ({'time_zone': 'New York'}, 'is not a time zone'),
        ({'time_zone': '../../etc/passwd'}, 'is not a time zone'),
        ({'phone': '12'}, 'phone number'),
        ({'birth_date': '31.2.1960'}, 'valid date'),
        ({'name': ''}, 'required'),
        ({'language': 'xx'}, 'not one of the available choices'),
        ({'temperature_unit': 'K'}, 'not one of the available choices'),
    ],
)
def test_what_cannot_be_is_asked_again_and_not_stored(rosa, wrong, words):
    page = client_of(rosa).post(ENROL, details(**wrong))
    assert page.status_code == 422
    assert words in page.content.decode()
    assert not Patient.objects.exists()


def test_a_nurse_of_another_clinic_cannot_be_chosen(rosa, sam):
    page = client_of(rosa).post(ENROL, details(primary_nurse=sam.pk))
    assert page.status_code == 422
    assert 'Sam Patel' not in page.content.decode()


def test_the_service_too_refuses_a_nurse_of_another_clinic(rosa, sam, riverside):
    with pytest.raises(ValidationError, match='same clinic'):
        enrol_patient(clinic=riverside, by=rosa.user, now=NOW, details=written() | {'primary_nurse': sam})


def test_a_nurse_changes_details_and_the_sign_in_stays(rosa, ana):
    path = reverse('clinic:patient_edit', args=[ana.public_id])
    response = client_of(rosa).post(path, details(name='Ana Morales-Vega', record_number='R-1001'))
    assert response.status_code == 302
    ana.refresh_from_db()
    assert (ana.name, ana.weight_unit, ana.user.email) == ('Ana Morales-Vega', 'lb', 'ana@example.com')


def test_a_changed_record_number_must_be_free_too(rosa, ana, ben):
    path = reverse('clinic:patient_edit', args=[ana.public_id])
    assert client_of(rosa).post(path, details(record_number='R-1002')).status_code == 422
    with pytest.raises(RecordNumberTaken):
        change_patient(patient=ana, details=written(record_number='R-1002'), now=NOW)
    ana.refresh_from_db()
    assert ana.record_number == 'R-1001'


def test_the_list_shows_mine_first_and_all_on_asking(rosa, tom, ana, ben):
    client = client_of(rosa)
    assert names(client.get(LIST)) == ['Ana Morales']
    assert names(client.get(LIST, {'whose': 'all'})) == ['Ana Morales', 'Ben Katz']
    assert names(client_of(tom).get(LIST)) == []


def test_patients_of_my_care_team_are_mine_and_show_once(rosa, tom, ana, ben, riverside):
    team = make_team(riverside, 'Lung', rosa, tom)
    Patient.objects.update(care_team=team)
    assert names(client_of(rosa).get(LIST)) == ['Ana Morales', 'Ben Katz']
    assert names(client_of(tom).get(LIST)) == ['Ana Morales', 'Ben Katz']


@pytest.mark.parametrize('words', ['morales', 'R-1001', 'ana mor', '  MORALES  ana '])
def test_a_search_by_name_or_record_number_looks_through_all(tom, ana, ben, words):
    assert names(client_of(tom).post(LIST, {'words': words, 'whose': 'all'})) == ['Ana Morales']


def test_a_search_finds_nobody_of_another_clinic(rosa, olga):
    page = client_of(rosa).post(LIST, {'words': 'Novak', 'whose': 'all'})
    assert names(page) == []
    assert 'Nobody found' in page.content.decode()


def test_names_stay_out_of_addresses(rosa, ana, ben):
    assert names(client_of(rosa).get(LIST, {'words': 'Ben', 'whose': 'all'})) == ['Ana Morales', 'Ben Katz']


def test_a_long_list_comes_in_pages_and_keeps_the_search(rosa, riverside):
    for number in range(30):
        make_patient(riverside, f'Eva {number:02}', user=False)
    client = client_of(rosa)
    assert len(names(client.get(LIST, {'whose': 'all'}))) == 25
    second = client.post(LIST, {'words': 'Eva', 'whose': 'all', 'page': '2'})
    assert names(second) == ['Eva 25', 'Eva 26', 'Eva 27', 'Eva 28', 'Eva 29']
    assert names(client.get(LIST, {'whose': 'all', 'page': 'nonsense'}))[0] == 'Eva 00'


def test_the_list_asks_the_database_as_often_for_many_patients_as_for_few(rosa, riverside, ana):
    client = client_of(rosa)
    team = make_team(riverside, 'Lung', rosa)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST, {'whose': 'all'})
        return len(queries)

    few = asked()
    for number in range(20):
        make_patient(riverside, f'Eva {number:02}', user=False, primary_nurse=rosa, care_team=team)
    assert asked() == few


def test_an_invited_patient_shows_as_invited(rosa, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client_of(rosa).post(ENROL, details(primary_nurse=rosa.pk))
    assert 'invited' in client_of(rosa).get(LIST).content.decode()
