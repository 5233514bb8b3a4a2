"""What people agreed to. The record only grows: the database lets no row change and none go."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION clinic_record_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this record is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER consents_only_grow BEFORE UPDATE OR DELETE ON clinic_consent
    FOR EACH ROW EXECUTE FUNCTION clinic_record_only_grows();
"""
UNGUARD = """
DROP TRIGGER consents_only_grow ON clinic_consent;
DROP FUNCTION clinic_record_only_grows();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0003_audit'),
    ]

    operations = [
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('patient', 'patient'), ('caregiver', 'caregiver')], max_length=9, verbose_name='as')),
                ('act', models.CharField(choices=[('given', 'agreed'), ('withdrawn', 'took it back')], max_length=9, verbose_name='what')),
                ('way', models.CharField(choices=[('page', 'on the page'), ('paper', 'on paper, noted by the clinic')], default='page', max_length=5, verbose_name='how')),
                ('version', models.PositiveSmallIntegerField(verbose_name='version')),
                ('language', models.CharField(max_length=8, verbose_name='language')),
                ('digest', models.CharField(max_length=64)),
                ('facts', models.JSONField(default=dict)),
                ('at', models.DateTimeField(verbose_name='when')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='clinic.patient')),
            ],
            options={
                'verbose_name': 'consent',
                'verbose_name_plural': 'consents',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['patient', 'role', '-at'], name='consent_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('way', 'page'), ('role', 'patient'), _connector='OR'), name='consent_on_paper_is_the_patients')],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
