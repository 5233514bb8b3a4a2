"""The demo's draft: a sensible change that waits for the second admin."""

import pytest

from alerts.pages.rules.life import SetPage
from alerts.services.rules.reviewing import approve
from clinic.services.demo import make_demo_people
from config.demo.rules import hand_in_a_draft
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures('content')]


def test_a_stricter_rule_about_loose_stools_waits_for_hugo():
    people = make_demo_people(NOW)
    draft = hand_in_a_draft(people, until=NOW)
    page = SetPage(draft, clinic=people.riverside, user=people.hugo.user)
    (change,) = page.changes
    assert (change.rule, change.effect) == ('R04', 'more')
    assert page.may_approve
    assert page.asides == []
    assert approve(rule_set=draft, by=people.hugo.user, seen=draft.edits, now=NOW).is_approved
