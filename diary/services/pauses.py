"""Planned pauses: days on which nobody expects an entry. Writing stays possible; nothing that is written is checked less."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinic.models import Patient, User
from diary.models import DiaryPause, PauseReason, WithdrawnReason
from diary.queries_entries import days_since_dose
from diary.services.treatment import WITHDRAWN, TreatmentRefused, mark_withdrawn
from diary.signals import pauses_changed

LONGEST, LONGEST_OWN = 90, 21  # days; a nurse looks at a longer absence again
OWN_REASONS = (PauseReason.HOSPITAL, PauseReason.AWAY)
CAR_T, CAR_T_DAYS = 'car_t', 30
ONE_DAY = timedelta(days=1)


def plan_pause(
    *, patient: Patient, from_on: date, until_on: date, reason: PauseReason | str, by: User, now: datetime
) -> DiaryPause:
    """From the first until the last day, both included, in the patient's calendar; it may have begun already.

    Raises TreatmentRefused for days that end before they begin, are over, are too many, or are paused already.
    """
    today = now.astimezone(patient.zone).date()
    if until_on < from_on:
        raise TreatmentRefused(_('The last day is before the first one.'), field='until_on')
    if until_on < today:
        raise TreatmentRefused(_('These days are over. A pause is for days to come.'), field='until_on')
    if (until_on - from_on).days >= LONGEST:
        raise TreatmentRefused(_('A pause can be 90 days long. Look again then.'), field='until_on')
    with transaction.atomic():
        Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        if patient.diary_pauses.filter(from_on__lte=until_on, until_on__gte=from_on).exists():
            raise TreatmentRefused(_('Some of these days are paused already.'), field='from_on')
        pause = DiaryPause.objects.create(
            patient=patient,
            from_on=from_on,
            until_on=until_on,
            reason=PauseReason(reason),
            recorded_by=by,
            recorded_at=now,
        )
        pauses_changed.send(sender=DiaryPause, patient=patient, now=now)
    return pause


def plan_own_pause(
    *, patient: Patient, from_on: date, until_on: date, reason: PauseReason | str, by: User, now: datetime
) -> DiaryPause:
    """A pause that the patient plans herself: shorter, from today on, and not in the weeks in which each day counts.

    Raises TreatmentRefused, saying what to do instead.
    """
    today = now.astimezone(patient.zone).date()
    since_cells = days_since_dose(patient, (CAR_T,), at=now).get(CAR_T)
    if since_cells is not None and since_cells <= CAR_T_DAYS:
        raise TreatmentRefused(_('In the first 30 days after CAR T-cells every day counts. Please phone your team.'))
    if from_on < today:
        raise TreatmentRefused(_('Choose today or a later day.'), field='from_on')
    if (until_on - from_on).days >= LONGEST_OWN:
        raise TreatmentRefused(_('For more than 21 days, please phone your team.'), field='until_on')
    if reason not in OWN_REASONS:
        raise TreatmentRefused(_('Choose why you will not write.'), field='reason')
    return plan_pause(patient=patient, from_on=from_on, until_on=until_on, reason=reason, by=by, now=now)


def end_pause(*, pause: DiaryPause, by: User, now: datetime) -> DiaryPause:
    """She is back: the pause ends with yesterday; one that has not begun by then is taken back.

    Raises TreatmentRefused when it is over or was taken back.
    """
    with transaction.atomic():
        pause = DiaryPause.on_record.select_for_update(of=('self',)).select_related('patient').get(pk=pause.pk)
        yesterday = now.astimezone(pause.patient.zone).date() - ONE_DAY
        if pause.until_on <= yesterday:
            raise TreatmentRefused(_('This pause is over already.'))
        if pause.from_on > yesterday or pause.withdrawn_at is not None:
            mark_withdrawn(pause, by=by, reason=WithdrawnReason.NEVER_WAS, now=now)
            pause.save(update_fields=WITHDRAWN)
        else:
            pause.until_on = yesterday
            pause.save(update_fields=['until_on'])
        pauses_changed.send(sender=DiaryPause, patient=pause.patient, now=now)
    return pause
