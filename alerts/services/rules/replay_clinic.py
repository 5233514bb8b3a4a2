"""What the clinic really did, as the simulation of cases asks for it: alerts worked, snoozes made, its usual time to resolve."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from django.db.models import Count, ExpressionWrapper, F, Q
from django.db.models.fields import DurationField

from alerts.engine.hours import open_stretches
from alerts.engine.replaying import Closing, Snoozed, Worked
from alerts.engine.snoozing import Expected
from alerts.engine.tiers import Tier
from alerts.models import Alert, Snooze, SnoozeEnd
from alerts.people.watch import hours_of
from alerts.queries.figures import Percentile
from clinic.models import Clinic

FEWEST = 5  # resolved alerts of a tier; under that a median tells more of chance than of the clinic
SPARE = timedelta(days=14)
# Ended by flags, which a draft may not raise; every other end was a person's or the clock's.
BY_FLAGS = (SnoozeEnd.WORSE, SnoozeEnd.RED)


def usual_seconds(clinic: Clinic, *, since: datetime, until: datetime) -> dict[str, int]:
    """The median from opening to resolving of the alerts opened in a time, by tier; tiers with too few are left out."""
    took = ExpressionWrapper(F('resolved_at') - F('opened_at'), output_field=DurationField())
    ours = Alert.objects.filter(clinic=clinic, is_drill=False, resolved_at__isnull=False)
    grouped = ours.filter(opened_at__gte=since, opened_at__lt=until).annotate(took=took).values('tier')
    rows = grouped.annotate(n=Count('pk'), median=Percentile('took', fraction=0.5)).filter(n__gte=FEWEST)
    return {row['tier']: round(row['median'].total_seconds()) for row in rows}


def closing_of(clinic: Clinic, usual: Mapping[str, int], *, since: datetime, until: datetime) -> Closing:
    """`usual` are the clinic's own medians in seconds; what it has none for goes by its opening hours."""
    stretches = open_stretches(hours_of(clinic), clinic.zone, since)
    openings = [opens for opens, _ in takewhile(lambda stretch: stretch[0] < until + SPARE, stretches)]
    return Closing({Tier.from_word(tier): timedelta(seconds=time) for tier, time in usual.items()}, openings)


def alerts_of(patients: Sequence[int], *, since: datetime) -> dict[int, list[Worked]]:
    """The alerts that were open after `since`, by patient, in the order in which they opened. One query."""
    found: dict[int, list[Worked]] = defaultdict(list)
    alerts = Alert.objects.filter(Q(resolved_at=None) | Q(resolved_at__gt=since), patient__in=patients, is_drill=False)
    rows = alerts.order_by('opened_at', 'pk').values_list('patient_id', 'line', 'opened_at', 'resolved_at')
    for patient, line, opened_at, resolved_at in rows:
        found[patient].append(Worked(line, opened_at, resolved_at))
    return found


def snoozes_of(patients: Sequence[int], *, since: datetime) -> dict[int, list[Snoozed]]:
    """The snoozes that ran after `since`, by patient, in the order of their beginnings. One query."""
    found: dict[int, list[Snoozed]] = defaultdict(list)
    for snooze in Snooze.objects.filter(patient__in=patients, until__gt=since).order_by('at', 'pk'):
        ended = snooze.ended_at if snooze.ended_at and snooze.ended_why not in BY_FLAGS else snooze.until
        try:
            expected = Expected.from_json(snooze.expected)
        except ValueError:
            continue  # it hides nothing where it cannot be read, nor does it here
        found[snooze.patient_id].append(Snoozed(snooze.at, min(ended, snooze.until), expected))
    return found
