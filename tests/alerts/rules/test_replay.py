"""A replay of the published rules is exactly what they flagged; one of a draft is exactly what it would have flagged."""

import pytest

from alerts.models import Evaluation, Flag
from tests.alerts.rules.replay_stage import asked, author, draft_of, run, stored, tell, told_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content')]


def test_the_replay_of_the_published_rules_gives_exactly_the_stored_flags() -> None:
    clinic = tell()
    assert Flag.objects.filter(withdrawn_reason='corrected').exists()  # the story has corrections
    assert Evaluation.objects.filter(revision__entry__is_late=True).exists()  # and late entries
    replay = run(asked(draft_of(clinic, (by := author(clinic))), by))
    assert stored(clinic)
    assert told_by(replay, 'in_force') == stored(clinic)
    assert told_by(replay, 'drafted') == stored(clinic)
