"""What the demo's shift leaves behind, so that no page of it is empty."""

from collections import Counter

import pytest

from alerts.models import Alert, EntrySample, Silence
from config.demo.play import play
from diary.models import DiaryPause, PlannedVisit
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content')]


def test_some_are_silent_one_has_a_pause_one_is_called_back_and_entries_were_sampled() -> None:
    play(patients=16, days=21, seed=1, until=NOW, quiet=True)
    running = Silence.objects.filter(ended_at=None)
    assert 1 <= running.count() <= 8
    assert not running.filter(patient__name__in=['Ana Morales', 'Ben Katz']).exists()
    assert max(Counter(Silence.objects.values_list('patient', flat=True)).values()) <= 2
    assert DiaryPause.objects.get().from_on > NOW.date()
    assert PlannedVisit.objects.get().patient.name == 'Ana Morales'
    held = Alert.objects.filter(call_back_at__gt=NOW)
    assert held.count() <= 1
    entries_were_sampled_rated_and_one_that_was_missed_waits_for_somebody()


def entries_were_sampled_rated_and_one_that_was_missed_waits_for_somebody() -> None:
    samples = EntrySample.objects.filter(clinic__name='Riverside Cancer Center')
    assert samples.exclude(rating='').count() > 20
    assert samples.filter(rating='').exists()
    missed = samples.exclude(rating__in=['', 'nothing'])
    assert (missed.count(), missed.filter(followed_up='').count()) == (2, 1)
    assert not samples.filter(revision__evaluations__tier__in=['emergency', 'urgent', 'same_day']).exists()
    assert {'useful', 'noise'} <= set(Alert.objects.values_list('mark', flat=True))
