"""Which day an entry is about, on days that are longer or shorter than others too."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic.models import Membership, Patient
from diary.catalogue import CatalogueView
from diary.models import Revision
from diary.services.entries import EntryRefused
from diary.times import PARTS, read_day
from tests.cast import NOW, client_of
from tests.diary.conftest import give_dose, write


def test_without_a_day_it_is_about_now(ana: Patient) -> None:
    about = read_day('', patient=ana, now=NOW)
    assert not about.late
    assert about.at('anything') == NOW


@pytest.mark.parametrize('day', ['2026-03-08', '2026-11-01'])
@pytest.mark.parametrize('part', list(PARTS))
def test_a_part_of_a_day_is_its_local_time_when_the_clocks_change(ana: Patient, day: str, part: str) -> None:
    now = datetime.fromisoformat(f'{day}T12:00:00+00:00') + timedelta(days=2)
    about = read_day(day, patient=ana, now=now)
    at = about.at(part).astimezone(UTC).astimezone(ana.zone)
    assert (at.date().isoformat(), at.time()) == (day, PARTS[part][1])


def test_the_patients_own_midnight_decides_what_is_late(ana: Patient) -> None:
    late_evening = datetime(2026, 11, 17, 4, 30, tzinfo=UTC)  # 23:30 of the 16th in New York
    assert not read_day('2026-11-16', patient=ana, now=late_evening).late
    with pytest.raises(EntryRefused):
        read_day('2026-11-17', patient=ana, now=late_evening)


def test_an_entry_of_the_last_car_t_day_is_corrected_with_its_writing_check(
    ben: Patient, rosa: Membership, diary: CatalogueView
) -> None:
    give_dose(ben, 'car_t', days_ago=31, by=rosa.user)
    entry = write(ben, {'WRITING': {'date_wrong': True, 'sentence_wrong': False}}, hours_ago=24)
    address = f'/entry/{entry.public_id}/correct/'
    client = client_of(ben)
    assert 'name="WRITING.on"' in client.get(address).content.decode()
    posted = {'diary_of': str(ben.public_id), 'expected': '1', 'WRITING.on': '1', 'WRITING.date_wrong': 'no'}
    assert client.post(address, posted).status_code == 303
    latest = Revision.objects.get(entry=entry, number=2)
    assert latest.document['answers']['WRITING']['values'] == {'date_wrong': False}
