"""Rule sets in the states that silent runs look at, written as they stand in the database after their life so far."""

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from alerts.models import RuleSet, RuleSetStatus
from alerts.queries.rules.in_force import published_default
from alerts.services.evaluation import evaluate_pending
from alerts.services.rules.default import fingerprint
from clinic.models import Clinic, Membership, Patient
from diary.catalogue import current_catalogue
from diary.documents import make_document
from diary.models import Entry
from diary.services.entries import correct_entry
from tests import cast
from tests.alerts.conftest import SICK
from tests.cast import NOW

Rules = dict[str, Any]
Change = Callable[[Rules], None]
ADMINS = {'Riverside Cancer Center': ('Grace Kim', 'Hana Lee'), 'Lakeside Clinic': ('Edith Moss', 'Frank Hill')}
BEFORE = NOW - timedelta(days=1)


def admins(clinic: Clinic) -> tuple[Membership, Membership]:
    """Who writes, and who reviews: Grace and Hana at Riverside."""
    found = {each.user.name: each for each in clinic.memberships.select_related('user').filter(is_admin=True)}
    grace, hana = (found.get(name) or cast.make_member(clinic, name, is_admin=True) for name in ADMINS[clinic.name])
    return grace, hana


def make_set(clinic: Clinic, change: Change, *, status: RuleSetStatus, **fields: Any) -> RuleSet:
    """A clinic's set: the shared default with a change, reviewed by somebody else than its author."""
    author, reviewer = admins(clinic)
    default = published_default()
    content = copy.deepcopy(default.content)
    change(content['rules'])
    usual = {
        'version': clinic.rule_sets.count() + 1,
        'title': 'Our rules',
        'digest': fingerprint(content),
        'default': default,
        'created_at': BEFORE,
        'created_by': author.user,
        'submitted_at': BEFORE,
        'reviewed_at': BEFORE,
        'reviewed_by': reviewer.user,
    }
    return RuleSet.objects.create(clinic=clinic, status=status, content=content, **(usual | fields))


def on_trial(clinic: Clinic, change: Change, *, since: datetime = BEFORE, **fields: Any) -> RuleSet:
    """An approved draft that runs silently."""
    return make_set(clinic, change, status=RuleSetStatus.IN_REVIEW, trial_since=since, **fields)


def in_force(clinic: Clinic, change: Change, *, at: datetime = BEFORE, **fields: Any) -> RuleSet:
    """A published set of the clinic's own."""
    grace, _ = admins(clinic)
    usual = {'published_at': at, 'published_by': grace.user}
    return make_set(clinic, change, status=RuleSetStatus.PUBLISHED, **(usual | fields))


def nothing_changed(rules: Rules) -> None:
    """The same rules as the default's."""


def any_tiredness_is_an_emergency(rules: Rules) -> None:
    rules['Z01'] = rule('emergency', 'Any tiredness', {'symptom': 'FATIGUE', 'gte': 1})


def breath_only_when_very_severe(rules: Rules) -> None:
    """The default's E01 is an emergency from severe on, at rest, or sudden."""
    rules['E01'] = rules['E01'] | {'when': {'symptom': 'DYSPNEA', 'gte': 4}}


def without_breath(rules: Rules) -> None:
    del rules['E01']


def rule(tier: str, title: str, when: Any) -> Rules:
    return {'tier': tier, 'title': title, 'basis': 'design', 'cites': ['ctcae_v5'], 'when': when}


def corrected(entry: Entry, patient: Patient, *, at: datetime) -> None:
    """It was nausea, not tiredness."""
    correct_entry(
        entry=entry,
        by=cast.user_of(patient),
        recorded_at=at,
        now=at,
        document=make_document(SICK, current_catalogue('en')),
        expected_number=entry.current_number,
    )
    evaluate_pending(now=at)
