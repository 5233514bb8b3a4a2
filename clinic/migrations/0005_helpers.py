"""What each helper may do, and the history of it. Who helps already keeps what they have: they saw advice and photos until now."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE TRIGGER help_events_only_grow BEFORE UPDATE OR DELETE ON clinic_helpevent
    FOR EACH ROW EXECUTE FUNCTION clinic_record_only_grows();
"""
UNGUARD = 'DROP TRIGGER help_events_only_grow ON clinic_helpevent;'


def keep_what_they_have(apps, schema_editor):
    everything = {'can_see_advice': True, 'can_see_photos': True}
    apps.get_model('clinic', 'Caregiver').objects.update(**everything)
    apps.get_model('clinic', 'Invitation').objects.filter(kind='caregiver').update(**everything)


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0004_consents'),
    ]

    operations = [
        migrations.AddField(
            model_name='caregiver',
            name='can_see_advice',
            field=models.BooleanField(default=False, verbose_name='sees advice and answers'),
        ),
        migrations.AddField(
            model_name='caregiver',
            name='can_see_photos',
            field=models.BooleanField(default=False, verbose_name='sees photos'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='can_see_advice',
            field=models.BooleanField(default=False, verbose_name='sees advice and answers'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='can_see_photos',
            field=models.BooleanField(default=False, verbose_name='sees photos'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='until'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='starts_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='from'),
        ),
        migrations.CreateModel(
            name='HelpEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                ('act', models.CharField(choices=[('invited', 'invited'), ('withdrawn', 'invitation withdrawn'), ('joined', 'joined'), ('changed', 'changed'), ('ended', 'ended'), ('seen', 'seen by the patient')], max_length=9, verbose_name='what')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('detail', models.JSONField(default=dict)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('helper', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='help_events', to='clinic.patient')),
            ],
            options={
                'verbose_name': 'change of who helps',
                'verbose_name_plural': 'changes of who helps',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['patient', '-at'], name='help_event_latest')],
            },
        ),
        migrations.RunPython(keep_what_they_have, migrations.RunPython.noop, elidable=True),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
