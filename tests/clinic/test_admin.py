"""Django's admin: one door, a clinic's admin sees her clinic alone, and what is on record stays."""

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from alerts.models import RuleSet
from alerts.services.rules.drafting import begin
from clinic.models import Clinic, Invitation, Membership, OpeningHours, Patient, User
from clinic.services.members import LastAdmin, set_roles
from diary.models import Symptom, SymptomVersion
from diary.services.symptoms import CatalogueError, publish_version
from tests.cast import NOW, PASSWORD, client_of, make_member, make_team

pytestmark = pytest.mark.django_db


def changelist(model):
    return reverse(f'admin:{model._meta.app_label}_{model._meta.model_name}_changelist')


def change(row):
    return reverse(f'admin:{row._meta.app_label}_{row._meta.model_name}_change', args=[row.pk])


OURS = [model for model in admin.site._registry if model._meta.app_label in ('clinic', 'diary', 'alerts')]


@pytest.fixture
def everybody(ana, ben, luis, rosa, tom, grace, sam, olga):
    return make_team(sam.clinic, 'Team Lakeside', sam)


def test_the_admins_own_sign_in_page_signs_nobody_in(visitor, superuser):
    path = reverse('admin:login')
    for response in (visitor.get(path), visitor.post(path, {'username': superuser.email, 'password': PASSWORD})):
        assert response.url.startswith(reverse('account_login'))
    assert '_auth_user_id' not in visitor.session


def test_a_visitor_is_asked_to_sign_in_and_comes_back(visitor, db):
    assert visitor.get('/admin/').url == f'{reverse("account_login")}?next=/admin/'


@pytest.mark.parametrize('who', ['ana', 'luis', 'rosa', 'sam', 'olga'])
def test_nobody_but_the_office_finds_django_admin(request, who):
    person = request.getfixturevalue(who)
    User.objects.update(is_staff=True)  # even a wrong flag on the person opens nothing
    assert client_of(person).get('/admin/').status_code == 404


def test_an_admin_who_has_left_finds_nothing_any_more(grace, riverside):
    make_member(riverside, 'Hugo Lang', is_admin=True)
    set_roles(membership=grace, is_nurse=False, is_admin=True, on_call=False, active=False)
    assert client_of(grace).get('/admin/').status_code == 404
    grace.user.refresh_from_db()
    assert not grace.user.is_staff


@pytest.mark.parametrize('who', ['grace', 'superuser'])
def test_every_table_opens_and_can_be_searched(request, content, everybody, who):
    client = client_of(request.getfixturevalue(who))
    for model in OURS:
        assert client.get(changelist(model)).status_code == 200
        if admin.site._registry[model].search_fields:
            assert client.get(changelist(model), {'q': 'R-1001'}).status_code == 200


def test_a_clinics_admin_sees_no_row_of_another_clinic(everybody, grace, lakeside, sam, olga):
    client = client_of(grace)
    for model in OURS:
        page = client.get(changelist(model)).content.decode()
        for theirs in ('Lakeside', 'Sam Patel', 'Olga Novak', 'olga@example.com', 'L-2001'):
            assert theirs not in page


def test_a_row_of_another_clinic_is_not_found_by_address(everybody, grace, sam, olga, lakeside, luis):
    client = client_of(grace)
    for row in (lakeside, sam, olga, olga.user, sam.user, everybody):
        assert 'admin' in client.get(change(row)).url  # Django admin's "not found": back to its start
        assert client.post(change(row), {'name': 'taken over'}).status_code in (302, 403)
        row.refresh_from_db()
        assert 'taken over' not in str(row)


def test_choices_and_filters_offer_nobody_of_another_clinic(everybody, grace, ana):
    client = client_of(grace)
    for path in (change(ana), reverse('admin:clinic_careteam_add'), changelist(Patient), changelist(Membership)):
        page = client.get(path).content.decode()
        assert 'Sam Patel' not in page
        assert 'Lakeside' not in page


def test_a_patient_cannot_be_given_a_nurse_of_another_clinic(everybody, grace, superuser, ana, sam):
    form = {'time_zone': 'America/New_York', 'language': 'en', 'temperature_unit': 'F', 'weight_unit': 'kg'}
    inline = {'caregivers-TOTAL_FORMS': '0', 'caregivers-INITIAL_FORMS': '0'}
    for person in (grace, superuser):
        response = client_of(person).post(change(ana), form | inline | {'primary_nurse': sam.pk})
        assert response.status_code == 200
        ana.refresh_from_db()
        assert ana.primary_nurse != sam


def test_a_clinics_admin_cannot_make_herself_a_superuser(grace, ana):
    client_of(grace).post(change(grace.user), {'name': 'Grace', 'email': grace.user.email, 'is_superuser': 'on'})
    grace.user.refresh_from_db()
    assert not grace.user.is_superuser


def test_a_clinics_admin_cannot_choose_anybodys_password(grace, rosa):
    path = reverse('admin:auth_user_password_change', args=[rosa.user.pk])
    new = {'password1': 'another-long-phrase', 'password2': 'another-long-phrase', 'usable_password': 'true'}
    assert client_of(grace).post(path, new).status_code == 403
    rosa.user.refresh_from_db()
    assert rosa.user.check_password(PASSWORD)


def test_a_clinics_admin_reads_no_fingerprint_of_a_password_or_an_invitation(grace, rosa, riverside):
    invitation = Invitation.objects.create(
        kind='staff',
        clinic=riverside,
        email='e@example.com',
        token_hash='f' * 64,
        invited_by=grace.user,
        created_at=NOW,
        expires_at=NOW,
    )
    client = client_of(grace)
    assert 'f' * 64 not in client.get(change(invitation)).content.decode()
    assert 'md5' not in client.get(change(rosa.user)).content.decode()


def test_the_only_admin_of_a_clinic_cannot_leave_it(grace, tom):
    page = client_of(grace).post(change(grace), {'is_nurse': 'on', 'active': 'on'})
    assert 'the only admin' in page.content.decode()
    with pytest.raises(LastAdmin):
        set_roles(membership=grace, is_nurse=True, is_admin=False, on_call=False, active=True)
    grace.refresh_from_db()
    assert grace.is_admin


def test_a_new_admin_finds_django_admin_at_once(grace, tom):
    client_of(grace).post(change(tom), {'is_nurse': 'on', 'is_admin': 'on', 'active': 'on'})
    assert client_of(tom).get('/admin/').status_code == 200


def test_an_admin_changes_opening_hours_and_numbers(grace, riverside):
    monday = riverside.opening_hours.first()
    form = {
        'name': riverside.name,
        'time_zone': 'America/Chicago',
        'phone_day': '+12125550100',
        'phone_night': '+12125550177',
        'emergency_number': '911',
        'language': 'en',
        'temperature_unit': 'F',
        'follow_up_months': '24',
        'opening_hours-TOTAL_FORMS': '2',
        'opening_hours-INITIAL_FORMS': '1',
        'opening_hours-0-id': monday.pk,
        'opening_hours-0-clinic': riverside.pk,
        'opening_hours-0-weekday': '0',
        'opening_hours-0-opens': '07:30',
        'opening_hours-0-closes': '18:00',
        'opening_hours-1-clinic': riverside.pk,
        'opening_hours-1-weekday': '5',
        'opening_hours-1-opens': '09:00',
        'opening_hours-1-closes': '12:00',
    }
    assert client_of(grace).post(change(riverside), form).status_code == 302
    riverside.refresh_from_db()
    assert riverside.time_zone == 'America/Chicago'
    assert riverside.opening_hours.filter(weekday=5).count() == 1
    monday.refresh_from_db()
    assert f'{monday.opens:%H:%M}' == '07:30'


def test_the_database_keeps_opening_hours_the_right_way_round(riverside):
    with pytest.raises(IntegrityError, match='opening_hours_close_after_they_open'), transaction.atomic():
        OpeningHours.objects.create(clinic=riverside, weekday=6, opens='18:00', closes='08:00')


def test_the_database_keeps_a_membership_from_having_no_role(rosa):
    with pytest.raises(IntegrityError, match='membership_has_a_role'), transaction.atomic():
        Membership.objects.filter(pk=rosa.pk).update(is_nurse=False)


def test_nothing_is_deleted_in_the_admin_not_even_by_a_superuser(content, everybody, superuser):
    client = client_of(superuser)
    for model in OURS:
        row = model._default_manager.first()
        path = f'admin:{model._meta.app_label}_{model._meta.model_name}_delete'
        response = client.post(reverse(path, args=[row.pk if row else 1]), {'post': 'yes'})
        assert response.status_code in (302, 403)
        assert 'delete_selected' not in client.get(changelist(model)).content.decode()
        assert row is None or model._default_manager.filter(pk=row.pk).exists()


# -- symptoms ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def fatigue(content):
    return Symptom.objects.get(code='FATIGUE')


@pytest.fixture
def fever(content):
    return Symptom.objects.get(code='FEVER')


def publish(person, symptom, **changed):
    """Open a symptom's page, change some of it, save."""
    client = client_of(person)
    form = client.get(change(symptom)).context['adminform'].form
    shown = {name: form[name].value() for name in form.fields}
    inline = {'versions-TOTAL_FORMS': '0', 'versions-INITIAL_FORMS': '0'}
    return client.post(change(symptom), {k: '' if v is None else v for k, v in (shown | changed).items()} | inline)


def latest(symptom):
    return symptom.versions.latest('number')


def test_new_words_for_a_symptom_make_a_new_version_and_keep_the_old_one(grace, fatigue, now):
    before = fatigue.versions.get()
    assert publish(grace, fatigue, en_question='How tired are you today?').status_code == 302
    kept, added = fatigue.versions.order_by('number')
    assert (kept.words, kept.number) == (before.words, 1)
    assert added.words['en'] == before.words['en'] | {'question': 'How tired are you today?'}
    assert (added.number, added.created_by, added.created_at) == (2, grace.user, NOW)
    assert (added.answers, added.facts) == (before.answers, before.facts)


def test_every_symptom_can_be_saved_as_it_is_and_makes_no_version(grace, content):
    for symptom in Symptom.objects.all():
        assert publish(grace, symptom).status_code == 302
    assert set(SymptomVersion.objects.values_list('number', flat=True)) == {1}


def test_the_words_of_the_levels_are_one_a_line(grace, fatigue):
    words = ['None', 'A little', 'Some', 'A lot', 'All there is']
    assert publish(grace, fatigue, en_levels='\r\n'.join(words), scale='same').status_code == 302
    assert latest(fatigue).words['en']['levels'] == words
    page = publish(grace, fatigue, en_levels='None\nSome')
    assert 'This cannot be published' in page.content.decode()


def test_a_field_can_be_added_with_its_question(grace, fatigue):
    asked = {'en_new_question': 'All day?', 'es_new_question': '¿Todo el día?'}
    assert publish(grace, fatigue, new_name='all_day', new_takes='yes', **asked).status_code == 302
    added = latest(fatigue)
    assert (added.answers['all_day'], added.words['en']['fields']['all_day']) == ('yes', 'All day?')
    assert publish(grace, fatigue, en_field_all_day='The whole day?').status_code == 302
    assert latest(fatigue).words['en']['fields']['all_day'] == 'The whole day?'


@pytest.mark.parametrize(
    'wrong',
    [
        {'new_name': 'severity', 'new_takes': 'yes'},
        {'new_name': 'Not a code', 'new_takes': 'yes'},
        {'new_name': 'all_day', 'new_takes': 'nonsense'},
        {'new_name': 'all_day', 'new_takes': '9-1'},
        {'en_question': ''},
        {'en_name': ''},
    ],
)
def test_what_cannot_be_published_is_refused_with_words(grace, fatigue, wrong):
    page = publish(grace, fatigue, **wrong)
    assert page.status_code == 200
    assert 'errornote' in page.content.decode()
    assert fatigue.versions.count() == 1


def test_a_field_that_entries_have_answered_cannot_be_taken_away_or_retyped(superuser, fever):
    page = publish(superuser, fever, takes_celsius='text up to 100')
    assert 'entries have answered it' in page.content.decode()
    kept = fever.versions.get()
    wanting = {name: takes for name, takes in kept.answers.items() if name != 'celsius'}
    with pytest.raises(CatalogueError, match='cannot be taken away'):
        publish_version(symptom=fever, group=kept.group, answers=wanting, words=kept.words, facts=kept.facts, now=NOW)
    assert fever.versions.count() == 1


def test_what_is_plausible_is_changed_by_whoever_runs_the_server_alone(grace, superuser, fever):
    publish(grace, fever, takes_celsius='C 36-39')
    assert fever.versions.count() == 1
    publish(superuser, fever, takes_celsius='C 31-45')
    assert latest(fever).answers['celsius'] == 'C 31-45'


def test_an_admins_words_survive_the_next_start(grace, fatigue):
    assert publish(grace, fatigue, en_question='How tired are you today?').status_code == 302
    assert fatigue.versions.count() == 2
    call_command('load_content')
    assert latest(fatigue).words['en']['question'] == 'How tired are you today?'
    assert fatigue.versions.count() == 2


def test_the_database_keeps_a_version_number_from_being_used_twice(fatigue):
    version = fatigue.versions.get()
    version.pk = None
    with pytest.raises(IntegrityError, match='symptom_version_once'), transaction.atomic():
        version.save(force_insert=True)
    assert SymptomVersion.objects.filter(symptom=fatigue).count() == 1


# -- rules -------------------------------------------------------------------------------------------------------------
def test_published_rules_read_as_sentences_and_do_not_change(grace, superuser, content):
    rule_set = RuleSet.objects.get()
    for person in (grace, superuser):
        client = client_of(person)
        page = client.get(change(rule_set)).content.decode()
        assert 'Phone the care team now for' in page
        assert client.post(change(rule_set), {'title': 'changed', 'content': '{}'}).status_code == 403
    rule_set.refresh_from_db()
    assert rule_set.title != 'changed'


def test_a_draft_is_read_here_and_written_on_the_pages_of_the_rules(grace, superuser, riverside, content):
    draft = begin(clinic=riverside, by=grace.user, title='Sooner', why='Two calls came late.', now=NOW)
    for person in (grace, superuser):
        client = client_of(person)
        page = client.get(change(draft)).content.decode()
        assert 'Two calls came late.' in page
        assert 'Grace Kim' in page
        assert 'name="_save"' not in page
        assert client.post(change(draft), {'title': 'changed', 'content': '{}'}).status_code == 403
    draft.refresh_from_db()
    assert draft.title == 'Sooner'


def test_a_draft_of_another_clinic_is_nobodys_to_read(grace, lakeside, sam, content):
    theirs = begin(clinic=lakeside, by=sam.user, title='Theirs', why='Their reason.', now=NOW)
    assert 'Theirs' not in client_of(grace).get(changelist(RuleSet)).content.decode()
    assert 'admin' in client_of(grace).get(change(theirs)).url


def test_the_admin_pages_carry_no_inline_script_or_style(grace, superuser, fatigue, everybody):
    for path in ('/admin/', change(fatigue), change(Clinic.objects.get(name='Lakeside Clinic'))):
        page = client_of(superuser).get(path).content.decode()
        assert ' style="' not in page
        assert ' onclick=' not in page


def test_a_primary_nurse_is_an_active_nurse_of_the_patients_clinic(grace, superuser, ana, rosa, tom, sam):
    set_roles(membership=tom, is_nurse=True, is_admin=False, on_call=False, active=False)
    for person in (grace, superuser):
        form = client_of(person).get(change(ana)).context['adminform'].form
        assert set(form.fields['primary_nurse'].queryset) == {rosa}
