"""Every unresolved alert gets its ladder and its clock; from then on the database refuses one without, and every change of state
that the table in engine/lifecycle.py does not have."""

from datetime import timedelta

from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone

from alerts.engine.escalation import default_ladder
from alerts.engine.tiers import Tier

TIERS = (Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY)

# A contact, a snooze or an outcome on a waiting alert acknowledges it first: two steps on record, one change of the row.
GUARD = """
CREATE FUNCTION alert_states_follow_the_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (
        ('open', 'acknowledged'), ('open', 'contacted'), ('open', 'snoozed'), ('open', 'resolved'),
        ('reopened', 'acknowledged'), ('reopened', 'contacted'), ('reopened', 'snoozed'), ('reopened', 'resolved'),
        ('acknowledged', 'contacted'), ('acknowledged', 'snoozed'), ('acknowledged', 'resolved'), ('acknowledged', 'reopened'),
        ('contacted', 'snoozed'), ('contacted', 'resolved'), ('contacted', 'reopened'),
        ('snoozed', 'resolved'), ('snoozed', 'reopened'),
        ('resolved', 'reopened')
    ) THEN
        RAISE EXCEPTION 'an alert that is % cannot become %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER alert_states_follow_the_table BEFORE UPDATE OF state ON alerts_alert
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION alert_states_follow_the_table();
"""
UNGUARD = (
    'DROP TRIGGER alert_states_follow_the_table ON alerts_alert; DROP FUNCTION alert_states_follow_the_table();'
)


def arm(apps, schema_editor):
    """What waits is due at its promise, and climbs at once where that is past; what is in hand has its time from now on."""
    Alert, now = apps.get_model('alerts', 'Alert'), timezone.now()
    unresolved = Alert.objects.exclude(state='resolved')
    for tier in TIERS:
        ladder, alerts = default_ladder(tier), unresolved.filter(tier=tier.word)
        alerts.filter(policy={}).update(policy=ladder.to_json())
        missing = alerts.filter(due_at=None, review_since=None)
        missing.filter(state__in=['open', 'reopened']).update(due_at=F('acknowledge_by'))
        missing.filter(state='acknowledged').update(due_at=now + timedelta(minutes=ladder.forgotten_after))
        missing.filter(state='contacted').update(due_at=now + timedelta(minutes=ladder.unfinished_after))
    unresolved.filter(state='snoozed', due_at=None).update(due_at=F('snoozed_until'))


class Migration(migrations.Migration):
    dependencies = [('alerts', '0008_drill_and_left_out')]
    operations = [
        migrations.RunPython(arm, migrations.RunPython.noop),
        # What was updated twice has its foreign keys checked at the end; the table cannot be altered before that.
        migrations.RunSQL('SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED', migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(
                condition=Q(state='resolved', due_at__isnull=True, review_since__isnull=True)
                | ~Q(state='resolved') & Q(due_at__isnull=False, review_since__isnull=True)
                | Q(state__in=['open', 'reopened'], line='amber', due_at__isnull=True, review_since__isnull=False),
                name='alert_unresolved_has_a_clock',
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
