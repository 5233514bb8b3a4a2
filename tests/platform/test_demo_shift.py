"""What the demo's shift leaves behind, so that no page of it is empty."""

from collections import Counter

import pytest

from alerts.models import Alert, Silence
from config.demo.play import play
from diary.models import DiaryPause
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content')]


def test_some_are_silent_one_has_a_pause_and_one_is_called_back() -> None:
    play(patients=16, days=21, seed=1, until=NOW, quiet=True)
    running = Silence.objects.filter(ended_at=None)
    assert 1 <= running.count() <= 8
    assert not running.filter(patient__name__in=['Ana Morales', 'Ben Katz']).exists()
    assert max(Counter(Silence.objects.values_list('patient', flat=True)).values()) <= 2
    assert DiaryPause.objects.get().from_on > NOW.date()
    held = Alert.objects.filter(call_back_at__gt=NOW)
    assert held.count() <= 1
