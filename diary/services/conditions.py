"""What is usual for a patient, and what else holds for her: both decide what the rules say."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient, User, WeightUnit
from diary.models import Baseline, BaselineKind, Context
from diary.services.treatment import WITHDRAWN, TreatmentRefused, mark_withdrawn
from diary.signals import treatment_changed

CLOCK_SLACK = timedelta(minutes=10)
FROM_THE_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
KG_PER_POUND = Decimal('0.45359237')
# The catalogue's ranges, in its units; tests/diary compares them with the file.
PLAUSIBLE = {
    BaselineKind.STOOLS_24H: (Decimal(0), Decimal(40)),
    BaselineKind.SYSTOLIC_BP: (Decimal(50), Decimal(260)),
    BaselineKind.WEIGHT: (Decimal(20), Decimal(350)),
}


def record_baseline(
    *, patient: Patient, kind: str, number: Decimal, unit: str, measured_at: datetime, by: User, now: datetime
) -> Baseline:
    """Store a usual value in the catalogue's unit; a weight may come in pounds. What was typed is kept.

    Raises TreatmentRefused for a value that nobody has, or a time to come.
    """
    value = in_catalogue_unit(kind, number, unit)
    low, high = PLAUSIBLE[BaselineKind(kind)]
    if not low <= value <= high:
        raise TreatmentRefused(
            _('Please check this number and its unit: it is outside what people have.'), field='number'
        )
    if measured_at > now + CLOCK_SLACK:
        raise TreatmentRefused(_('This time is still to come.'), field='measured_at')
    with transaction.atomic():
        baseline = Baseline.objects.create(
            patient=patient,
            kind=kind,
            value=value,
            raw=f'{number.normalize():f} {unit}'.strip(),
            measured_at=measured_at,
            recorded_by=by,
            recorded_at=now,
        )
        since = _counts_from(baseline)
        treatment_changed.send(sender=Baseline, patient=patient, since=since, now=now)
    return baseline


def in_catalogue_unit(kind: str, number: Decimal, unit: str) -> Decimal:
    """Kilograms for a weight in pounds, else the number itself; rounded to what the column keeps."""
    pounds = kind == BaselineKind.WEIGHT and unit == WeightUnit.POUND
    return (number * KG_PER_POUND if pounds else number).quantize(Decimal('0.0001'))


def start_context(
    *, patient: Patient, code: str, from_at: datetime, until_at: datetime | None, by: User, now: datetime
) -> Context:
    """Note that something holds from an instant on (a plan to come is allowed). Raises TreatmentRefused when it holds already."""
    if until_at is not None and until_at < from_at:
        raise TreatmentRefused(_('The end is before the beginning.'), field='until_at')
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=patient.pk)
        if any(_overlap(other, from_at, until_at) for other in patient.contexts.filter(code=code)):
            raise TreatmentRefused(
                _('This is noted for that time already. End the earlier note first.'), field='from_at'
            )
        context = Context.objects.create(
            patient=patient, code=code, from_at=from_at, until_at=until_at, recorded_by=by, recorded_at=now
        )
        treatment_changed.send(sender=Context, patient=patient, since=from_at, now=now)
    return context


def end_context(*, context: Context, until_at: datetime, now: datetime) -> Context:
    """Note that something holds no longer. Raises TreatmentRefused when it has ended or would end before it began."""
    with transaction.atomic():
        context = Context.on_record.select_for_update(of=('self',)).select_related('patient').get(pk=context.pk)
        if context.withdrawn_at is not None:
            raise TreatmentRefused(_('This was taken back before.'))
        if context.until_at is not None and context.until_at <= now:
            raise TreatmentRefused(_('This has ended already.'))
        if until_at < context.from_at:
            raise TreatmentRefused(_('The end is before the beginning.'), field='until_at')
        since = min(until_at, context.until_at or until_at)
        context.until_at = until_at
        context.save(update_fields=['until_at'])
        treatment_changed.send(sender=Context, patient=context.patient, since=since, now=now)
    return context


def withdraw_baseline(*, baseline: Baseline, by: User, reason: str, now: datetime) -> Baseline:
    """Take back a usual value that was recorded by mistake; it stays on record. Raises TreatmentRefused when it was before."""
    with transaction.atomic():
        rows = Baseline.on_record.select_for_update(of=('self',)).select_related('patient')
        baseline = rows.get(pk=baseline.pk)
        mark_withdrawn(baseline, by=by, reason=reason, now=now)
        baseline.save(update_fields=WITHDRAWN)
        treatment_changed.send(sender=Baseline, patient=baseline.patient, since=_counts_from(baseline), now=now)
    return baseline


def withdraw_context(*, context: Context, by: User, reason: str, now: datetime) -> Context:
    """Take back what never held; what held and is over, one ends instead. Raises TreatmentRefused when it was before."""
    with transaction.atomic():
        context = Context.on_record.select_for_update(of=('self',)).select_related('patient').get(pk=context.pk)
        mark_withdrawn(context, by=by, reason=reason, now=now)
        context.save(update_fields=WITHDRAWN)
        treatment_changed.send(sender=Context, patient=context.patient, since=context.from_at, now=now)
    return context


def _counts_from(baseline: Baseline) -> datetime:
    """From its own time on; the first one of its kind also counts for what was written before."""
    earlier = Baseline.objects.filter(
        patient=baseline.patient, kind=baseline.kind, measured_at__lt=baseline.measured_at
    )
    return baseline.measured_at if earlier.exists() else FROM_THE_BEGINNING


def _overlap(other: Context, from_at: datetime, until_at: datetime | None) -> bool:
    begins_before_end = until_at is None or other.from_at <= until_at
    ends_after_begin = other.until_at is None or other.until_at >= from_at
    return begins_before_end and ends_after_begin
