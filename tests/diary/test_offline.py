"""What a phone is told that kept an entry: when it was said, in which questions, under whose name, and what could not be stored."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from clinic.models import Caregiver, Membership, Patient
from diary.catalogue import CatalogueView, current_catalogue
from diary.models import Entry, Revision, Symptom
from diary.services.symptoms import load_catalogue, words_mapping
from tests import cast
from tests.cast import NOW, client_of
from tests.diary.conftest import catalogue_mapping, write

NEW, TAP = '/entry/new/', '/entry/nothing-new/'
pytestmark = pytest.mark.usefixtures('diary')


def send(who: cast.Person, path: str, patient: Patient, *, user: str = '', **fields: str) -> tuple[int, dict[str, Any]]:
    """What the phone of `who` gets; names with a point are written with two underscores."""
    said = {name.replace('__', '.'): value for name, value in fields.items()}
    data = {'diary_of': str(patient.public_id), 'client_uuid': str(uuid4()), **said}
    answer = client_of(who).post(path, data, headers={'X-Vigil-Phone': user or str(cast.user_of(who).pk)})
    return answer.status_code, json.loads(answer.content)


COUGH = {'COUGH__on': '1', 'COUGH__severity': '1'}


def test_a_kept_entry_is_about_the_time_when_it_was_said(ana: Patient) -> None:
    status, told = send(ana, NEW, ana, kept_seconds='7200', **COUGH)
    entry = Entry.objects.get()
    assert (status, told) == (200, {'to': f'/entry/{entry.public_id}/advice/'})
    assert entry.about_at == NOW - timedelta(hours=2)
    revision = entry.revisions.get()
    assert (revision.recorded_at, revision.received_at) == (NOW - timedelta(hours=2), NOW)


def test_one_of_yesterday_evening_belongs_to_yesterday_and_is_late(ana: Patient) -> None:
    send(ana, NEW, ana, kept_seconds=str(14 * 3600), **COUGH)
    entry = Entry.objects.get()
    assert (entry.day, entry.is_late) == ((NOW - timedelta(days=1)).date(), True)


def test_a_lost_answer_and_a_second_sending_make_one_entry(ana: Patient) -> None:
    uuid = str(uuid4())
    first = send(ana, NEW, ana, client_uuid=uuid, kept_seconds='60', **COUGH)
    assert send(ana, NEW, ana, client_uuid=uuid, kept_seconds='500', **COUGH) == first
    assert Revision.objects.count() == 1
    assert Entry.objects.get().about_at == NOW - timedelta(seconds=60)


@pytest.mark.parametrize('seconds', ['-5', 'soon', '9' * 12, '１２'])
def test_a_time_that_is_none_is_refused(ana: Patient, seconds: str) -> None:
    status, told = send(ana, NEW, ana, kept_seconds=seconds, **COUGH)
    assert (status, told['why']) == (400, 'refused')
    assert send(ana, TAP, ana, kept_seconds=seconds)[1]['why'] == 'refused'
    assert not Entry.objects.exists()


def test_after_eight_days_it_is_refused_in_words(ana: Patient) -> None:
    for path, said in ((NEW, COUGH), (TAP, {})):
        status, told = send(ana, path, ana, kept_seconds=str(8 * 86400), **said)
        assert (status, told['why']) == (400, 'refused')
        assert 'more than 7 days ago' in told['said']


def test_it_is_never_stored_under_another_name(ana: Patient, luis: Caregiver) -> None:
    assert luis.user
    status, told = send(luis, NEW, ana, user=str(cast.user_of(ana).pk), **COUGH)
    assert (status, told) == (409, {'why': 'other'})
    assert not Entry.objects.exists()


def test_it_waits_while_another_diary_is_open(ana: Patient, ben: Patient) -> None:
    status, told = send(ben, NEW, ana, **COUGH)
    assert (status, told['why']) == (409, 'diary')
    assert not Entry.objects.exists()


def test_what_must_be_put_right_is_told_and_not_stored(ana: Patient) -> None:
    status, told = send(ana, NEW, ana, FEVER__on='1', FEVER__severity='2', FEVER__celsius='86')
    assert (status, told) == (422, {'why': 'mend'})


def test_a_signed_out_phone_is_sent_to_sign_in_and_a_page_asks_for_pages(ana: Patient, visitor: Client) -> None:
    answer = visitor.post(NEW, {}, headers={'X-Vigil-Phone': '1'})
    assert (answer.status_code, answer['Location'].split('?')[0]) == (302, '/account/login/')
    by_hand = client_of(ana).post(NEW, {'client_uuid': str(uuid4()), 'COUGH.on': '1', 'COUGH.severity': '1'})
    assert by_hand.status_code == 303


# -- taps --------------------------------------------------------------------------------------------------------------------


def test_a_tap_is_compared_with_what_there_was_when_it_was_made(ana: Patient, luis: Caregiver) -> None:
    write(ana, {'FEVER': {'severity': 3}}, hours_ago=1, by=luis.user)  # an hour ago; she tapped two hours ago
    status, _told = send(ana, TAP, ana, say='nothing', kept_seconds='7200')
    assert status == 200
    assert Entry.objects.order_by('about_at').first().about_at == NOW - timedelta(hours=2)


def test_a_tap_over_something_newer_is_not_stored(ana: Patient) -> None:
    write(ana, {'FEVER': {'severity': 3}}, hours_ago=3)
    status, told = send(ana, TAP, ana, say='nothing', kept_seconds='7200')
    assert (status, told['why']) == (409, 'newer')
    assert 'something newer' in told['said']
    assert Entry.objects.count() == 1


# -- corrections -------------------------------------------------------------------------------------------------------------


def test_a_kept_correction_keeps_its_time_and_gives_way_to_another(ana: Patient) -> None:
    entry = write(ana, {'COUGH': {'severity': 1}}, hours_ago=5)
    path = f'/entry/{entry.public_id}/correct/'
    fields = {'expected': '1', 'COUGH__on': '1', 'COUGH__severity': '2'}
    assert send(ana, path, ana, kept_seconds='3600', **fields)[0] == 200
    assert entry.revisions.get(number=2).recorded_at == NOW - timedelta(hours=1)
    status, told = send(ana, path, ana, **fields | {'COUGH__severity': '3'})
    assert (status, told) == (409, {'why': 'mend'})


# -- a form that was kept while the questions changed ----------------------------------------------------------------------------


def reworded(code: str) -> None:
    """A new version of a symptom: its levels are others now, and the two cannot be compared."""
    words = words_mapping()
    words['en']['symptoms'][code]['name'] += ' (new)'
    load_catalogue(mapping=catalogue_mapping(), words=words, now=NOW)


def test_answers_are_stored_in_the_questions_that_were_asked(ana: Patient, diary: CatalogueView) -> None:
    asked, before = str(diary.newest), diary.symptom('COUGH').number
    reworded('COUGH')
    now = current_catalogue('en')
    assert now.symptom('COUGH').number == before + 1
    send(ana, NEW, ana, asked=asked, kept_seconds='60', **COUGH)
    assert Revision.objects.get().document['answers']['COUGH']['version'] == before
    send(ana, NEW, ana, asked=str(now.newest), kept_seconds='30', **COUGH)
    assert Revision.objects.latest('pk').document['answers']['COUGH']['version'] == before + 1


def test_a_symptom_that_is_not_asked_any_more_is_still_taken(ana: Patient, diary: CatalogueView) -> None:
    Symptom.objects.filter(code='COUGH').update(retired_at=NOW)
    assert send(ana, NEW, ana, kept_seconds='60', **COUGH)[0] == 200
    assert send(ana, NEW, ana, **COUGH)[0] == 422  # a page of now does not ask it


# -- what a phone needs ------------------------------------------------------------------------------------------------------


def test_the_key_is_her_own_and_stays_the_same(ana: Patient, ben: Patient, luis: Caregiver) -> None:
    def here(who: cast.Person) -> dict[str, str]:
        answer = client_of(who).get('/offline/here/')
        assert 'no-store' in answer['Cache-Control']
        return dict(json.loads(answer.content))

    first, again, bens, husbands = here(ana), here(ana), here(ben), here(luis)
    assert first['key'] == again['key']
    assert len({first['key'], bens['key'], husbands['key']}) == 3
    assert len(base64.b64decode(first['key'])) == 32
    assert first['diary'] == husbands['diary'] == str(ana.public_id)
    assert first['user'] == str(cast.user_of(ana).pk)


def test_the_manifest_lets_a_phone_install_it(visitor: Client) -> None:
    answer = visitor.get('/manifest.webmanifest')
    assert answer['Content-Type'] == 'application/manifest+json'
    manifest = json.loads(answer.content)
    assert (manifest['display'], manifest['start_url'], manifest['scope']) == ('standalone', '/', '/')
    assert {icon['purpose'] for icon in manifest['icons']} == {'any', 'maskable'}


def test_one_worker_serves_notices_and_the_diary(visitor: Client) -> None:
    answer = visitor.get('/push-worker.js')
    script = answer.content.decode()
    assert 'showNotification' in script
    assert "addEventListener('sync'" in script
    assert '\nimport ' not in script
    assert '\nexport ' not in script
    again = visitor.get('/push-worker.js', headers={'If-None-Match': answer['ETag']})
    assert again.status_code == 304


def test_every_page_of_the_diary_says_whose_it_is(ana: Patient, rosa: Membership) -> None:
    marks = f'data-user="{cast.user_of(ana).pk}" data-diary="{ana.public_id}"'
    for path in ('/today/', '/entry/new/', '/help/', '/unsent/', '/diary/', '/me/'):
        assert marks in client_of(ana).get(path).content.decode(), path
    assert 'data-user' not in client_of(rosa).get('/me/').content.decode()
