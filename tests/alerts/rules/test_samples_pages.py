"""The pages of the sample: blind while somebody rates, plain about what to do afterwards, honest about the rate."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.models import Alert, AlertEvent, EntrySample, Notification
from alerts.pages.rules.misses import misses_of, percent
from alerts.services.rules import sampling
from clinic.models import Clinic, Membership, Patient
from diary.catalogue import current_catalogue
from diary.documents import make_document
from diary.models import Context, Entry
from diary.services.entries import correct_entry
from tests import cast
from tests.alerts.conftest import SICK, TIRED, told_us
from tests.alerts.rules.sampled import drawn, missed
from tests.cast import NOW, client_of
from tests.diary.conftest import give_dose

pytestmark = pytest.mark.usefixtures('content', 'now')
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


def page(who: Membership, path: str = '/samples/') -> str:
    response = client_of(who).get(path)
    assert response.status_code == 200
    return response.content.decode()


def main_of(text: str) -> str:
    """Without the frame, which names the nurse."""
    return text[text.index('<main') : text.index('</main>')]


def rated(who: Membership, sample: EntrySample, rating: str, **more: str) -> Any:
    return client_of(who).post(f'/samples/{sample.pk}/rate/', {'rating': rating, **more}, follow=True)


@pytest.fixture
def sample(ana: Patient, rosa: Membership) -> EntrySample:
    give_dose(ana, 'checkpoint_inhibitor', days_ago=6, by=rosa.user)
    steroids = {'from_at': NOW - 9 * DAY, 'recorded_by': rosa.user, 'recorded_at': NOW}
    Context.objects.create(patient=ana, code='on_steroids', **steroids)
    told_us(ana, SICK | {'ITCH': {'severity': 1}}, at=NOW - 2 * DAY)
    return drawn(told_us(ana, SICK, at=NOW - DAY))


# -- blind ----------------------------------------------------------------------------------------------------------------
def test_it_shows_what_was_told_the_treatment_and_the_week_before(sample: EntrySample, tom: Membership) -> None:
    text = main_of(page(tom))
    for expected in ('What was told yesterday at 9:00', 'Feeling sick', '5 days before', 'takes steroids', 'Itching'):
        assert expected in text


def test_it_tells_neither_who_it_is_nor_what_the_rules_or_anybody_else_said(
    sample: EntrySample, ana: Patient, tom: Membership
) -> None:
    text = main_of(page(tom))
    for hidden in (ana.name, ana.first_name, ana.record_number, str(ana.public_id), '555', 'Rosa'):
        assert hidden not in text
    # A tier stands on the four answers and nowhere else.
    assert re.findall(r'data-tier="(\w+)"', text) == ['same_day', 'urgent', 'emergency']
    around = text[: text.index('<form')]
    assert not re.search(
        r'rule [A-Z]\d|advice|look after yourself|tier', around.replace('data-tier', ''), re.IGNORECASE
    )


def test_what_came_later_is_not_shown(sample: EntrySample, ana: Patient, tom: Membership) -> None:
    told_us(ana, {'ARTHRALGIA': {'severity': 2}}, at=NOW - HOUR)
    text = main_of(page(tom))
    assert 'Joint' not in text
    assert Alert.objects.exists()


def test_the_revision_that_was_drawn_is_shown_even_when_it_was_corrected(
    sample: EntrySample, ana: Patient, tom: Membership
) -> None:
    entry = sample.revision.entry
    correct_entry(
        entry=entry,
        by=cast.user_of(ana),
        expected_number=1,
        document=make_document({'HEADACHE': {'severity': 1}}, current_catalogue('en')),
        recorded_at=NOW,
        now=NOW,
        nothing_new=False,
    )
    text = main_of(page(tom))
    assert 'Feeling sick' in text
    assert 'Headache' not in text


def test_before_the_rating_no_page_names_the_patient(sample: EntrySample, tom: Membership) -> None:
    client = client_of(tom)
    assert client.get(f'/samples/{sample.pk}/').status_code == 404
    assert client.post(f'/samples/{sample.pk}/done/', {'note': 'x'}).status_code == 404
    rated(tom, sample, 'nothing')
    assert client.get(f'/samples/{sample.pk}/').status_code == 404


def test_nothing_new_can_be_rated_too(ben: Patient, tom: Membership) -> None:
    drawn(told_us(ben, {}, at=NOW - DAY))
    assert 'no symptom was told' in page(tom)


# -- one after the other --------------------------------------------------------------------------------------------------
def test_a_skipped_entry_comes_again_at_the_end(ana: Patient, ben: Patient, tom: Membership) -> None:
    first = drawn(told_us(ana, SICK, at=NOW - DAY))
    second = drawn(told_us(ben, SICK, at=NOW - 2 * DAY))
    assert f'/samples/{first.pk}/rate/' in page(tom)
    assert f'/samples/{second.pk}/rate/' in page(tom, f'/samples/?after={first.pk}')
    assert f'/samples/{first.pk}/rate/' in page(tom, f'/samples/?after={second.pk}')
    for other in ('x', '²', '9' * 5000):
        assert client_of(tom).get('/samples/', {'after': other}).status_code == 404
    assert not EntrySample.objects.exclude(rating='').exists()


def test_an_empty_list_says_so(tom: Membership) -> None:
    assert 'Nothing to rate' in page(tom)


def test_without_an_answer_the_page_asks_again_and_keeps_the_words(sample: EntrySample, tom: Membership) -> None:
    response = client_of(tom).post(f'/samples/{sample.pk}/rate/', {'note': 'my words'})
    assert response.status_code == 422
    text = response.content.decode()
    assert 'Choose one of the four answers.' in text
    assert 'my words' in text


def test_two_nurses_at_once_one_rating(sample: EntrySample, rosa: Membership, tom: Membership) -> None:
    rated(tom, sample, 'nothing')
    assert 'Tom Weber has just rated this entry.' in rated(rosa, sample, 'urgent').content.decode()
    sample.refresh_from_db()
    assert (sample.rating, sample.rated_by) == ('nothing', tom.user)


def test_a_slip_is_offered_to_be_taken_back(sample: EntrySample, tom: Membership, rosa: Membership) -> None:
    text = rated(tom, sample, 'nothing').content.decode()
    assert f'/samples/{sample.pk}/take-back/' in text
    assert f'/samples/{sample.pk}/take-back/' not in page(rosa)
    client_of(tom).post(f'/samples/{sample.pk}/take-back/')
    sample.refresh_from_db()
    assert sample.rating == ''


# -- a miss ---------------------------------------------------------------------------------------------------------------
def test_after_a_miss_she_is_told_whom_to_phone_and_that_nobody_else_knows(
    sample: EntrySample, ana: Patient, tom: Membership
) -> None:
    text = rated(tom, sample, 'urgent', note='She is on steroids').content.decode()
    for expected in ('Ana Morales', 'tel:+12125550142', 'Phone this patient now', f'/patients/{ana.public_id}/'):
        assert expected in text
    assert 'nobody has been told of it and no alert is open for it' in text


def test_a_rating_opens_no_alert_and_tells_nobody(sample: EntrySample, tom: Membership) -> None:
    tables = (Alert, AlertEvent, Notification)
    before = [table.objects.count() for table in tables]
    rated(tom, sample, 'emergency')
    assert [table.objects.count() for table in tables] == before


def test_a_miss_stands_on_the_hand_over_until_somebody_wrote_what_was_done(
    sample: EntrySample, rosa: Membership, tom: Membership
) -> None:
    assert 'a nurse would have acted' not in page(rosa, '/hand-over/')
    rated(tom, sample, 'urgent', note='She is on steroids')
    text = page(rosa, '/hand-over/')
    for expected in (
        'a nurse would have acted',
        'Ana Morales',
        'Would have phoned within the hour',
        'She is on steroids',
    ):
        assert expected in text
    client = client_of(rosa)
    assert client.post(f'/samples/{sample.pk}/done/', {'note': ' '}).status_code == 422
    client.post(f'/samples/{sample.pk}/done/', {'note': 'Phoned her, she is well.'})
    assert 'a nurse would have acted' not in page(rosa, '/hand-over/')
    assert 'Phoned her, she is well.' in page(rosa, '/clinic/rules/misses/')
    late = client_of(tom).post(f'/samples/{sample.pk}/done/', {'note': 'Me too'}, follow=True)
    assert 'Somebody was faster' in late.content.decode()


def test_the_hand_over_asks_for_ratings_quietly(sample: EntrySample, rosa: Membership) -> None:
    assert '1 entry to rate' in page(rosa, '/hand-over/')
    rated(rosa, sample, 'nothing')
    assert 'to rate' not in page(rosa, '/hand-over/')


# -- the rate -------------------------------------------------------------------------------------------------------------
def entries(clinic: Clinic, number: int, *, days_ago: int = 1) -> list[Entry]:
    patients = [cast.make_patient(clinic, f'Q{days_ago}{n:02} Example') for n in range(number)]
    return [told_us(patient, SICK, at=NOW - days_ago * DAY) for patient in patients]


def rate_all(found: list[Entry], nurse: Membership, *, misses: int = 0, unflagged: int = 10) -> None:
    for n, entry in enumerate(found):
        sample = drawn(entry, unflagged=unflagged)
        sampling.rate(sample=sample, by=nurse.user, rating='same_day' if n < misses else 'nothing', now=NOW)


def test_the_rate_stands_with_its_interval_and_its_cases(riverside: Clinic, rosa: Membership) -> None:
    rate_all(entries(riverside, 10), rosa, misses=1, unflagged=10)
    text = page(rosa, '/clinic/rules/misses/')
    assert '10 %' in text  # 1 of 10; Wilson: 1.79 % to 40.42 %
    assert '1.8 % to 40 %' in text
    assert '1 missed of 10 rated' in text
    assert 'Of 10 entries without a flag on the rated days, that is 0 to 4.' in text


def test_a_miss_of_a_busy_day_weighs_more_and_the_page_says_what_the_sample_is_worth(
    riverside: Clinic, rosa: Membership
) -> None:
    rate_all(entries(riverside, 5, days_ago=1), rosa, misses=1, unflagged=190)
    rate_all(entries(riverside, 5, days_ago=2), rosa, misses=0, unflagged=10)
    found = misses_of(riverside, now=NOW)
    assert found.ever.share == '19 %'  # 190 × 1/5 of 200
    assert (found.ever.estimate.rated, found.ever.effective) == (10, 6)  # 200² / (190²/5 + 10²/5) = 5.52
    assert 'worth 6, because days differ' in page(rosa, '/clinic/rules/misses/')


def test_the_last_ninety_days_stand_beside_all(riverside: Clinic, rosa: Membership) -> None:
    rate_all(entries(riverside, 4, days_ago=120), rosa, misses=2)
    rate_all(entries(riverside, 4, days_ago=2), rosa)
    found = misses_of(riverside, now=NOW)
    assert (found.recent.estimate.rated, found.recent.estimate.hits) == (4, 0)
    assert (found.ever.estimate.rated, found.ever.estimate.hits) == (8, 2)
    assert [each.estimate.rated for each in found.by_rules] == [8]


def test_the_picture_has_a_dot_and_its_interval_for_each_rated_week(riverside: Clinic, rosa: Membership) -> None:
    rate_all(entries(riverside, 3, days_ago=1), rosa, misses=1)
    rate_all(entries(riverside, 3, days_ago=9), rosa)
    picture = misses_of(riverside, now=NOW).picture
    assert (len(picture.dots), len(picture.bars)) == (2, 2)
    for dot, bar in zip(picture.dots, picture.bars, strict=True):
        assert bar.y - 0.1 <= dot.y <= bar.y + bar.height + 0.1
        assert picture.plot.y1 <= bar.y <= picture.plot.y2
    assert '1 of 3 missed' in picture.summary


def test_no_rating_is_no_rate(rosa: Membership) -> None:
    text = page(rosa, '/clinic/rules/misses/')
    assert 'there is no rate to tell' in text
    assert '0 %' not in main_of(text).replace('“up to 16 %”', '')


def test_an_admin_who_is_no_nurse_reads_what_was_missed_but_not_who_it_was(
    sample: EntrySample, tom: Membership, grace: Membership
) -> None:
    rated(tom, sample, 'urgent')
    text = main_of(page(grace, '/clinic/rules/misses/'))
    assert 'Would have phoned within the hour' in text
    for hidden in ('Ana', 'R-1001', f'/samples/{sample.pk}/'):
        assert hidden not in text
    assert 'Ana Morales' in page(tom, '/clinic/rules/misses/')


def test_another_clinic_reads_nothing_of_it(sample: EntrySample, tom: Membership, sam: Membership) -> None:
    assert 'Nothing to rate' in page(sam)
    assert client_of(sam).post(f'/samples/{sample.pk}/rate/', {'rating': 'nothing'}).status_code == 404
    rated(tom, sample, 'urgent')
    assert client_of(sam).get(f'/samples/{sample.pk}/').status_code == 404
    assert misses_of(sam.clinic, now=NOW).ever.estimate is None
    assert 'would have acted' not in page(sam, '/hand-over/')


def test_the_drills_patient_is_nobodys_sample(sample: EntrySample, ana: Patient, tom: Membership) -> None:
    Patient.objects.filter(pk=ana.pk).update(is_drill=True)
    assert client_of(tom).post(f'/samples/{sample.pk}/rate/', {'rating': 'nothing'}).status_code == 404


@pytest.mark.parametrize(
    ('share', 'words'), [(0.0, '0 %'), (0.004, '0.4 %'), (0.0179, '1.8 %'), (0.123, '12 %'), (1.0, '100 %')]
)
def test_shares_have_a_decimal_only_where_it_tells(share: float, words: str) -> None:
    assert percent(share) == words


def test_the_pages_cost_the_same_for_few_and_many(riverside: Clinic, rosa: Membership) -> None:
    costs: dict[str, list[int]] = {'/clinic/rules/misses/': [], '/hand-over/': [], '/samples/': []}
    for days in (1, 2, 3):
        for entry in entries(riverside, 2, days_ago=days):
            missed(entry, by=rosa)
        drawn(told_us(cast.make_patient(riverside, f'Z{days} Example'), SICK | TIRED, at=NOW - days * DAY))
        for path, numbers in costs.items():
            with CaptureQueriesContext(connection) as asked:
                page(rosa, path)
            numbers.append(len(asked))
    assert all(numbers[1] == numbers[2] for numbers in costs.values()), costs
