"""Named questions about replays."""

from django.db.models import F, QuerySet

from alerts.models import Replay, ReplayCase, ReplayFlag
from clinic.models import Clinic
from diary.models import Revision


def replays_of(clinic: Clinic) -> QuerySet[Replay]:
    """The newest first; the rules themselves are not loaded."""
    people = ('clinic', 'rule_set', 'against', 'asked_by')
    found = Replay.objects.filter(clinic=clinic).select_related(*people)
    return found.defer('content', 'rule_set__content', 'against__content').order_by('-asked_at', '-pk')


def cases_that_differ(replay: Replay) -> dict[str, QuerySet[ReplayCase]]:
    """Gained, lost, and moved to another tier; each in the order of time."""
    cases = ReplayCase.objects.filter(replay=replay).select_related('patient').order_by('opened_at', 'pk')
    return {
        'gained': cases.filter(drafted=True, in_force=False),
        'lost': cases.filter(drafted=False, in_force=True),
        'moved': cases.filter(drafted=True, in_force=True),
    }


def flags_that_differ(replay: Replay, rule: str) -> QuerySet[ReplayFlag]:
    """Those of a rule that one side alone has, the newest entry first. Served by replay_flag_that_differs."""
    flags = ReplayFlag.objects.filter(replay=replay, rule=rule).exclude(drafted=F('in_force'))
    return flags.select_related('patient').order_by('-day', '-revision')


def revision_in(replay: Replay, revision: int) -> Revision | None:
    """An entry of the clinic that was replayed, as it counts now or did then; no fire drill."""
    found = Revision.objects.select_related('entry__patient__clinic')
    ours = {'entry__patient__clinic': replay.clinic, 'entry__patient__is_drill': False}
    return found.filter(pk=revision, **ours).first()
