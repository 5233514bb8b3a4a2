"""A draft of the rules that waits for a second pair of eyes, so that the pages of the rules have something to show."""

import copy
from datetime import datetime, timedelta

from alerts.models import RuleSet
from alerts.services.rules.drafting import begin, change_rule
from alerts.services.rules.reviewing import submit
from clinic.services.demo import DemoPeople

TITLE = 'Loose stools sooner'
WHY = (
    'When we phone about loose stools, patients often say that it began some days earlier, with three more than usual. '
    'We want to hear of it then.'
)
NOTE = 'Three more than usual, or at night, or with blood.'
RULE = 'R04'
UNREPLAYED = 'A colleague replays it while she reads it: this page shows how.'


def hand_in_a_draft(people: DemoPeople, *, until: datetime) -> RuleSet:
    """Grace asks for fewer stools in the rule about loose stools, and hands that in; Hugo has not read it yet."""
    grace, begun = people.grace.user, until - timedelta(hours=20)
    draft = begin(clinic=people.riverside, by=grace, title=TITLE, why=WHY, now=begun)
    after = copy.deepcopy(draft.content['rules'][RULE])
    after['when']['any'][0]['over_baseline_gte'] = 3
    written, handed_in = begun + timedelta(minutes=12), begun + timedelta(minutes=20)
    draft = change_rule(draft=draft, rule=RULE, after=after, by=grace, seen=draft.edits, now=written, note=NOTE)
    given = {'title': TITLE, 'why': WHY, 'unreplayed': UNREPLAYED}
    return submit(draft=draft, by=grace, seen=draft.edits, now=handed_in, **given)
