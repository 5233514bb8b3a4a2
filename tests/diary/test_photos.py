"""Photos of an entry: the entry comes first, four at most, through the gate alone, and never twice."""

import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinic.models import AuditEvent, Caregiver, Membership, Patient, User
from diary.models import Entry, EntryPhoto
from diary.queries_photos import MOST_TILES, bytes_of, photos_beside
from diary.services.photos import PhotoRefused, add_photo, withdraw_photo
from tests.cast import NOW, client_of, user_of
from tests.diary.conftest import write
from tests.diary.pictured import MAKER, from_a_phone, jpeg, photographed, png_bomb
from tests.diary.test_entry_pages import NEW, page_of, text_of

pytestmark = pytest.mark.usefixtures('diary')
RASH = {'RASH__on': '1', 'RASH__severity': '2'}
SAID: dict[str, Any] = {'RASH': {'severity': 2}}


def file(data: bytes, name: str = 'IMG_0001.JPG') -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, 'image/jpeg')


def post(patient: Patient, *photos: bytes, by: Any = None, **answers: str) -> Any:
    posted = page_of(patient, **(answers or RASH)) | {'RASH.photo': [file(data) for data in photos]}
    return client_of(by or patient).post(NEW, posted, follow=True)


# -- sending -----------------------------------------------------------------------------------------------------------------


def test_ana_sends_her_rash_with_its_photo(ana: Patient) -> None:
    response = post(ana, from_a_phone())
    photo = EntryPhoto.objects.get(entry=Entry.objects.get(patient=ana))
    assert response.resolver_match.view_name == 'alerts:advice'
    assert (photo.symptom, photo.position, photo.added_by, photo.added_at) == ('RASH', 1, ana.user, NOW)
    for small in (True, False):
        assert MAKER.encode() not in bytes_of(photo, small=small)


def test_the_page_asks_for_photos_where_one_can_see_something(ana: Patient) -> None:
    text = text_of(client_of(ana).get(NEW))
    assert 'enctype="multipart/form-data"' in text
    for code in ('RASH', 'BLISTER', 'HIVES'):
        assert f'name="{code}.photo" accept="image/*" capture="environment"' in text
    assert 'name="COUGH.photo"' not in text


@pytest.mark.parametrize('bad', [b'no picture', jpeg()[:300], png_bomb(), b'GIF89a' + bytes(50)])
def test_an_entry_is_never_lost_with_its_photo(ana: Patient, bad: bytes) -> None:
    response = post(ana, bad, jpeg())
    entry = Entry.objects.get(patient=ana)
    assert entry.photos.count() == 1
    assert 'Your entry is saved. A photo is not.' in text_of(response)
    assert response.resolver_match.kwargs == {'entry': entry.public_id}


def test_a_photo_that_is_too_large_is_read_past_and_the_rest_of_the_entry_kept(ana: Patient, settings: Any) -> None:
    settings.PHOTO_MOST_BYTES = 200_000
    fits = jpeg()
    assert len(fits) < 200_000
    response = post(ana, jpeg() + bytes(300_000), fits, **RASH, OTHER__on='1', OTHER__text='after the photos')
    entry = Entry.objects.get(patient=ana)
    assert entry.revisions.get().document['answers']['OTHER']['values']['text'] == 'after the photos'
    assert entry.photos.count() == 1
    assert 'too large' in text_of(response)


def test_a_whole_request_that_is_too_large_is_told_on_a_page_of_its_own(ana: Patient, settings: Any) -> None:
    settings.UPLOAD_MOST_BYTES = 100_000
    response = post(ana, bytes(200_000))
    assert response.status_code == 413
    assert 'what you wrote is still there' in text_of(response)
    assert not Entry.objects.exists()


def test_only_four_are_kept_and_the_fifth_is_told(ana: Patient) -> None:
    response = post(ana, *(jpeg(spots=n) for n in range(6)))
    assert sorted(EntryPhoto.objects.values_list('position', flat=True)) == [1, 2, 3, 4]
    assert '2 photos are not' in text_of(response)


def test_the_four_are_of_the_entry_not_of_each_symptom(ana: Patient) -> None:
    posted = page_of(ana, **RASH, HIVES__on='1')
    posted |= {f'{code}.photo': [file(jpeg(spots=n + k)) for n in range(3)] for k, code in enumerate(('RASH', 'HIVES'))}
    client_of(ana).post(NEW, posted | {'HIVES.photo': [file(jpeg(spots=n, size=(300, 300))) for n in range(3)]})
    assert list(EntryPhoto.objects.order_by('position').values_list('symptom', flat=True)) == ['RASH'] * 3 + ['HIVES']


def test_a_symptom_without_photos_and_one_that_was_not_chosen_take_none(ana: Patient) -> None:
    posted = page_of(ana, COUGH__on='1', COUGH__severity='1')
    response = client_of(ana).post(NEW, posted | {'COUGH.photo': file(jpeg()), 'RASH.photo': file(jpeg(spots=1))})
    assert response.status_code == 303
    assert not EntryPhoto.objects.exists()


def test_file_fields_that_nobody_filled_change_nothing(ana: Patient) -> None:
    fields = page_of(ana, **RASH)
    part = '--X\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    body = ''.join(part.format(name, '', value) for name, value in fields.items())
    body += part.format('HIVES.photo', '; filename=""\r\nContent-Type: application/octet-stream', '') + '--X--\r\n'
    response = client_of(ana).post(NEW, body.encode(), content_type='multipart/form-data; boundary=X')
    assert response.status_code == 303
    assert not EntryPhoto.objects.exists()


def test_a_mistake_on_the_page_keeps_no_photo_and_says_so(ana: Patient) -> None:
    response = client_of(ana).post(NEW, page_of(ana, RASH__on='1') | {'RASH.photo': file(jpeg())})
    assert response.status_code == 422
    assert 'choose your photos again' in text_of(response)
    assert not EntryPhoto.objects.exists()


def test_sent_again_by_the_same_phone_it_is_one_photo(ana: Patient) -> None:
    client, posted = client_of(ana), page_of(ana, **RASH)
    for _ in range(2):
        client.post(NEW, posted | {'RASH.photo': file(jpeg())})
    assert (Entry.objects.count(), EntryPhoto.objects.count()) == (1, 1)


def test_a_submit_that_was_cut_off_in_its_photos_is_made_whole_by_the_next(ana: Patient) -> None:
    client, posted = client_of(ana), page_of(ana, **RASH)
    client.post(NEW, posted | {'RASH.photo': file(jpeg(spots=1))})
    client.post(NEW, posted | {'RASH.photo': [file(jpeg(spots=1)), file(jpeg(spots=2))]})
    assert sorted(EntryPhoto.objects.values_list('position', flat=True)) == [1, 2]


def test_a_correction_adds_to_the_photos_of_the_entry(ana: Patient) -> None:
    entry = write(ana, SAID)
    photographed(entry, spots=1)
    path = reverse('diary:entry_correct', args=[entry.public_id])
    client_of(ana).post(
        path, page_of(ana, expected='1', **RASH, ITCH__on='1', ITCH__severity='1') | {'RASH.photo': file(jpeg())}
    )
    entry.refresh_from_db()
    assert (entry.current_number, entry.photos.count()) == (2, 2)


def test_a_correction_that_leaves_the_rash_out_keeps_its_photo(ana: Patient) -> None:
    entry = write(ana, SAID)
    photographed(entry)
    path = reverse('diary:entry_correct', args=[entry.public_id])
    client_of(ana).post(path, page_of(ana, expected='1', ITCH__on='1', ITCH__severity='1'))
    text = text_of(client_of(ana).get(reverse('diary:entry', args=[entry.public_id])))
    assert 'Skin rash, photo 1' in text


def test_her_husband_sends_one_and_is_named(ana: Patient, luis: Caregiver) -> None:
    post(ana, jpeg(), by=luis)
    entry = Entry.objects.get(patient=ana)
    assert EntryPhoto.objects.get().added_by == luis.user
    text = text_of(client_of(ana).get(reverse('diary:entry', args=[entry.public_id])))
    assert 'added by Luis Morales' in text


def test_who_only_reads_sends_none(ana: Patient, carmen: Caregiver) -> None:
    assert post(ana, jpeg(), by=carmen).status_code == 404
    assert not EntryPhoto.objects.exists()


# -- who sees them -----------------------------------------------------------------------------------------------------------


def status(person: Any, *path: Any) -> int:
    return client_of(person).get(reverse(path[0], args=path[1:])).status_code


def test_the_people_of_the_diary_and_its_nurses_see_a_photo(
    ana: Patient, luis: Caregiver, carmen: Caregiver, rosa: Membership, tom: Membership
) -> None:
    photo = photographed(write(ana, SAID))
    for person in (ana, luis, carmen):
        assert status(person, 'diary:photo', photo.public_id) == 200
    for nurse in (rosa, tom):
        assert status(nurse, 'diary:patient_photo', ana.public_id, photo.public_id) == 200


def test_nobody_else_does(
    ana: Patient, ben: Patient, grace: Membership, sam: Membership, olga: Patient, rosa: Membership, superuser: User
) -> None:
    photo = photographed(write(ana, SAID))
    for person in (ben, olga, grace, sam, rosa, superuser):
        assert status(person, 'diary:photo', photo.public_id) == 404
    for person in (ana, ben, olga, grace, sam, superuser):
        assert status(person, 'diary:patient_photo', ana.public_id, photo.public_id) == 404
    # Under another patient's name it is not found either.
    assert status(rosa, 'diary:patient_photo', ben.public_id, photo.public_id) == 404
    assert Client().get(reverse('diary:photo', args=[photo.public_id])).status_code == 302


def test_a_caregiver_s_view_ends_with_her_place(ana: Patient, luis: Caregiver) -> None:
    photo = photographed(write(ana, SAID))
    luis.ends_at = NOW - timedelta(minutes=1)
    luis.save()
    assert status(luis, 'diary:photo', photo.public_id) == 404


@pytest.mark.parametrize('small', ['', '?small'])
def test_no_browser_and_no_proxy_keeps_it(ana: Patient, rosa: Membership, small: str) -> None:
    photo = photographed(write(ana, SAID))
    answer = client_of(rosa).get(reverse('diary:patient_photo', args=[ana.public_id, photo.public_id]) + small)
    assert answer['Cache-Control'] == 'private, no-store'
    assert answer['Content-Type'] == 'image/jpeg'
    assert answer['X-Content-Type-Options'] == 'nosniff'
    assert answer['Cross-Origin-Resource-Policy'] == 'same-origin'
    assert "default-src 'none'" in answer['Content-Security-Policy']
    assert answer.content == bytes_of(photo, small=bool(small))


def test_a_nurse_s_look_is_on_record_and_told_to_ana(ana: Patient, rosa: Membership) -> None:
    photo = photographed(write(ana, SAID))
    status(rosa, 'diary:patient_photo', ana.public_id, photo.public_id)
    event = AuditEvent.objects.get(actor=rosa.user)
    assert (event.page, event.patients) == ('diary:patient_photo', [ana.pk])
    assert 'a photo in your diary' in text_of(client_of(ana).get(reverse('clinic:looks')))


def test_nothing_of_a_photo_is_logged(ana: Patient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        post(ana, from_a_phone(), b'no picture')
    said = ' '.join(record.getMessage() for record in caplog.records)
    for secret in ('IMG_0001', MAKER, 'photo', 'Ana'):
        assert secret not in said


# -- beside earlier ones -----------------------------------------------------------------------------------------------------


def test_the_nurse_sees_the_photos_of_the_last_weeks_beside_each_other(ana: Patient, rosa: Membership) -> None:
    old, last, now = (write(ana, SAID, hours_ago=hours) for hours in (24 * 30, 24 * 6, 1))
    shots = [photographed(entry) for entry in (old, last, now)]
    walls = photos_beside(now)
    assert [[tile.photo.pk for tile in wall.tiles] for wall in walls] == [[shots[2].pk, shots[1].pk]]
    assert [tile.is_here for tile in walls[0].tiles] == [True, False]
    text = text_of(client_of(rosa).get(reverse('diary:patient_entry', args=[ana.public_id, now.public_id])))
    for words in (
        'alt="Skin rash, Monday 16 November, 08:00, photo 1: open it large"',
        'Tue 10 Nov, 09:00',
        'this entry',
    ):
        assert words in text
    assert str(shots[0].public_id) not in text


def test_photos_of_different_things_hang_on_different_walls(ana: Patient) -> None:
    entry = write(ana, SAID | {'HIVES': {'present': True}})
    photographed(entry, spots=1)
    photographed(entry, spots=2, symptom='HIVES')
    assert [wall.name for wall in photos_beside(entry)] == ['Skin rash', 'Hives (raised itchy bumps)']


def test_what_came_later_is_beside_an_alert_and_not_beside_an_entry(ana: Patient) -> None:
    then, now = write(ana, SAID, hours_ago=30), write(ana, SAID, hours_ago=1)
    photographed(now)
    assert photos_beside(then) == []
    assert len(photos_beside(then, later=True)[0].tiles) == 1


def test_a_wall_has_room_for_so_many_and_says_what_is_left_out(ana: Patient) -> None:
    for day in range(7):
        entry = write(ana, SAID, hours_ago=24 * day + 1)
        for spots in range(4):
            photographed(entry, spots=spots)
    [wall] = photos_beside(Entry.objects.latest('about_at'))
    assert (len(wall.tiles), wall.left_out) == (MOST_TILES, 28 - MOST_TILES)


def test_the_lists_never_carry_the_pictures(ana: Patient, django_assert_num_queries: Any) -> None:
    entry = write(ana, SAID)
    photographed(entry)
    assert {'image', 'thumb'} <= EntryPhoto.objects.get().get_deferred_fields()
    with django_assert_num_queries(2):  # the photos and the words of the catalogue
        assert photos_beside(entry) != []


# -- taking back -------------------------------------------------------------------------------------------------------------


def test_a_photo_that_is_taken_away_is_seen_by_nobody_and_stays_on_record(ana: Patient, rosa: Membership) -> None:
    entry = write(ana, SAID)
    photo = photographed(entry)
    client = client_of(ana)
    path = reverse('diary:photo_remove', args=[photo.public_id])
    assert 'cannot be brought back' in text_of(client.get(path))
    assert EntryPhoto.objects.exists()  # asking takes nothing away
    assert client.post(path)['Location'] == reverse('diary:entry', args=[entry.public_id])
    assert status(ana, 'diary:photo', photo.public_id) == 404
    assert status(rosa, 'diary:patient_photo', ana.public_id, photo.public_id) == 404
    assert photos_beside(entry) == []
    kept = EntryPhoto.on_record.get()
    assert (kept.withdrawn_at, kept.withdrawn_by) == (NOW, ana.user)


def test_a_caregiver_who_only_reads_takes_none_away(ana: Patient, carmen: Caregiver) -> None:
    photo = photographed(write(ana, SAID))
    assert client_of(carmen).post(reverse('diary:photo_remove', args=[photo.public_id])).status_code == 404
    text = text_of(client_of(carmen).get(reverse('diary:entry', args=[photo.entry.public_id])))
    assert 'Take away' not in text
    assert EntryPhoto.objects.exists()


def test_a_late_copy_of_the_submit_brings_it_not_back(ana: Patient) -> None:
    client, posted = client_of(ana), page_of(ana, **RASH)
    client.post(NEW, posted | {'RASH.photo': file(jpeg())})
    withdraw_photo(photo=EntryPhoto.objects.get(), by=user_of(ana), now=NOW)
    response = client.post(NEW, posted | {'RASH.photo': file(jpeg())}, follow=True)
    assert 'taken away before' in text_of(response)
    assert not EntryPhoto.objects.exists()


def test_its_place_is_free_for_another(ana: Patient) -> None:
    entry = write(ana, SAID)
    first, *_rest = [photographed(entry, spots=n) for n in range(4)]
    with pytest.raises(PhotoRefused):
        photographed(entry, spots=4)
    withdraw_photo(photo=first, by=user_of(ana), now=NOW)
    assert photographed(entry, spots=4).position == 1


def test_the_database_refuses_to_change_or_to_bring_back_a_photo(ana: Patient) -> None:
    photo = photographed(write(ana, SAID))
    for change in ({'image': b'another'}, {'symptom': 'HIVES'}, {'added_at': NOW - timedelta(days=1)}):
        with pytest.raises(IntegrityError, match='never changed'), transaction.atomic():
            EntryPhoto.on_record.filter(pk=photo.pk).update(**change)
    withdraw_photo(photo=photo, by=user_of(ana), now=NOW)
    with pytest.raises(IntegrityError, match='never changed'), transaction.atomic():
        EntryPhoto.on_record.filter(pk=photo.pk).update(withdrawn_at=None, withdrawn_by=None)


def test_the_database_refuses_a_fifth_place(ana: Patient) -> None:
    entry = write(ana, SAID)
    common: dict[str, Any] = {'entry': entry, 'symptom': 'RASH', 'image': b'', 'thumb': b'', 'width': 1, 'height': 1}
    common |= {'added_by': user_of(ana), 'added_at': NOW}
    with pytest.raises(IntegrityError, match='photos_of_an_entry_are_few'), transaction.atomic():
        EntryPhoto.objects.create(position=5, sent_digest=uuid4().bytes, **common)
    EntryPhoto.objects.create(position=1, sent_digest=uuid4().bytes, **common)
    with pytest.raises(IntegrityError, match='photo_has_its_place'), transaction.atomic():
        EntryPhoto.objects.create(position=1, sent_digest=uuid4().bytes, **common)


def test_a_stored_photo_is_found_without_opening_the_file_again(ana: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = write(ana, SAID)
    first = photographed(entry)

    def never(_data: bytes) -> None:
        raise AssertionError('it was opened again')

    monkeypatch.setattr('diary.services.photos.drawn_anew', never)
    again = add_photo(entry=entry, symptom='RASH', data=jpeg(), by=user_of(ana), now=NOW)
    assert again.pk == first.pk
