"""When a patient lives in another time zone, her diary's days are counted again, and judged again."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from alerts.models import Alert, Evaluation, Flag
from alerts.services.evaluation import evaluate_pending
from clinic.models import Membership, Patient
from clinic.services.enrolment import change_patient
from diary.services.conditions import record_baseline
from tests.alerts.conftest import FEVER, told_us
from tests.cast import NOW

pytestmark = [pytest.mark.usefixtures('content'), pytest.mark.django_db]
LATE_EVENING = datetime(2026, 11, 17, 3, 30, tzinfo=UTC)  # Monday 22:30 in New York, Tuesday 3:30 in London


def details(patient: Patient, **changed: Any) -> Any:
    names = ('name', 'record_number', 'birth_date', 'email', 'phone', 'time_zone', 'language')
    names += ('temperature_unit', 'weight_unit', 'primary_nurse', 'care_team')
    return {name: getattr(patient, name) for name in names} | changed


def move(patient: Patient, zone: str, now: datetime = LATE_EVENING) -> None:
    change_patient(patient=patient, details=details(patient, time_zone=zone), now=now)


def test_an_entrys_day_and_lateness_follow_the_patients_zone(ana: Patient) -> None:
    entry = told_us(ana, {}, at=LATE_EVENING)
    assert entry.day == date(2026, 11, 16)
    move(ana, 'Europe/London')
    entry.refresh_from_db()
    assert (entry.day, entry.is_late) == (date(2026, 11, 17), False)
    move(Patient.objects.get(pk=ana.pk), 'America/New_York')
    entry.refresh_from_db()
    assert entry.day == date(2026, 11, 16)


def test_what_depends_on_days_is_judged_again(ana: Patient) -> None:
    """Nausea 2 on two days in a row is a finding (C03); by London's clock both entries were of one day."""
    told_us(ana, {'NAUSEA': {'severity': 2}}, at=LATE_EVENING)
    last = told_us(ana, {'NAUSEA': {'severity': 2}}, at=LATE_EVENING + timedelta(hours=10))
    row = Evaluation.objects.get(revision__entry=last)
    assert row.flags.filter(rule='C03', withdrawn_at=None).exists()
    later = LATE_EVENING + timedelta(hours=11)
    move(ana, 'Europe/London', later)
    assert Evaluation.objects.filter(pending_since=later).count() == 2
    evaluate_pending(now=later)
    assert not row.flags.filter(rule='C03', withdrawn_at=None).exists()
    assert not Evaluation.objects.filter(pending_since__isnull=False).exists()


def test_other_changes_of_a_record_count_nothing_again(ana: Patient) -> None:
    told_us(ana, {})
    change_patient(patient=ana, details=details(ana, name='Ana M. Morales'), now=NOW)
    assert not Evaluation.objects.filter(pending_since__isnull=False).exists()


def test_a_zone_put_right_in_the_office_counts_again_too(
    ana: Patient, grace: Membership, client_of: Callable[..., Client]
) -> None:
    entry = told_us(ana, {}, at=LATE_EVENING)
    browser = client_of(grace)
    page = browser.get(f'/admin/clinic/patient/{ana.pk}/change/')
    form = page.context['adminform'].form
    fields = {name: value for name in form.fields if (value := form[name].value()) is not None}
    inline = {f'caregivers-{name}': '0' for name in ('TOTAL_FORMS', 'INITIAL_FORMS', 'MIN_NUM_FORMS', 'MAX_NUM_FORMS')}
    answer = browser.post(f'/admin/clinic/patient/{ana.pk}/change/', fields | inline | {'time_zone': 'Europe/London'})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    entry.refresh_from_db()
    assert entry.day == date(2026, 11, 17)


def test_a_usual_value_told_now_opens_no_alert_for_an_entry_of_months_ago(ana: Patient, rosa: Membership) -> None:
    months_ago, lately = NOW - timedelta(days=90), NOW - timedelta(days=2)
    old, new = told_us(ana, {}, at=months_ago, weight=80.0), told_us(ana, {}, at=lately, weight=80.0)
    assert not Alert.objects.exists(), 'nothing to compare it with'
    record_baseline(patient=ana, kind='weight', number=Decimal(60), unit='kg', measured_at=NOW, by=rosa.user, now=NOW)
    evaluate_pending(now=NOW)
    found = Flag.objects.get(evaluation__revision__entry=old, rule='S01')
    assert found.alert is None, 'judged again and on record, but nobody is called for old news'
    fresh = Flag.objects.get(evaluation__revision__entry=new, rule='S01')
    assert fresh.alert == Alert.objects.get(line='red')
    assert Alert.objects.get(line='red').entry_count == 1


def test_an_entry_that_nobody_has_looked_at_calls_somebody_however_old_it_is(ana: Patient) -> None:
    """The workers were away for two weeks."""
    told_us(ana, FEVER, at=NOW - timedelta(days=14), check=False)
    evaluate_pending(now=NOW)
    assert Alert.objects.filter(line='red', state='open').exists()
