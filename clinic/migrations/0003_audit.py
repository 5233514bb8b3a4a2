"""The audit record. It only grows: the database lets nothing change but an empty seal, and nothing go."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


GUARD = """
CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'clinic_auditevent' THEN
        IF (to_jsonb(OLD) ->> 'seal_id') IS NULL AND (to_jsonb(OLD) - 'seal_id') = (to_jsonb(NEW) - 'seal_id') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit record is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_events_only_grow BEFORE UPDATE OR DELETE ON clinic_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_only_grows();
CREATE TRIGGER audit_seals_only_grow BEFORE UPDATE OR DELETE ON clinic_auditseal
    FOR EACH ROW EXECUTE FUNCTION audit_only_grows();
"""
UNGUARD = """
DROP TRIGGER audit_events_only_grow ON clinic_auditevent;
DROP TRIGGER audit_seals_only_grow ON clinic_auditseal;
DROP FUNCTION audit_only_grows();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0002_loop'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('events', models.PositiveIntegerField(verbose_name='events')),
                ('previous', models.CharField(blank=True, max_length=64)),
                ('digest', models.CharField(max_length=64, unique=True)),
            ],
            options={
                'verbose_name': 'seal of the audit record',
                'verbose_name_plural': 'seals of the audit record',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('act', models.CharField(choices=[('opened', 'opened'), ('listed', 'saw on a list'), ('wrote', 'wrote')], max_length=6, verbose_name='what')),
                ('page', models.CharField(max_length=80, verbose_name='page')),
                ('about', models.CharField(blank=True, max_length=40)),
                ('patients', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name='patients')),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('seal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.auditseal')),
            ],
            options={
                'verbose_name': 'access to a patient',
                'verbose_name_plural': 'accesses to patients',
                'ordering': ['-at', '-pk'],
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['patients'], name='audit_event_patients'), models.Index(fields=['actor', 'page', 'at'], name='audit_event_actor'), models.Index(condition=models.Q(('seal__isnull', True)), fields=['id'], name='audit_event_unsealed')],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
