"""The draw of each day, what was done about a miss, who changed the limits; and the index by which a rule's flags are counted.

Nothing has drawn a sample before this migration, so the new columns of alerts_entrysample need no value for old rows.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('alerts', '0016_silent_runs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SampleDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('seed', models.CharField(max_length=32)),
                ('entries', models.PositiveIntegerField(verbose_name='entries')),
                ('unflagged', models.PositiveIntegerField(verbose_name='entries without a flag')),
                ('drawn', models.PositiveSmallIntegerField(verbose_name='drawn')),
                ('drawn_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sample_days', to='clinic.clinic')),
            ],
            options={
                'verbose_name': 'daily sample',
                'verbose_name_plural': 'daily samples',
                'ordering': ['-day'],
                'constraints': [
                    models.UniqueConstraint(fields=('clinic', 'day'), name='sample_day_once'),
                    models.CheckConstraint(
                        condition=models.Q(('drawn__lte', models.F('unflagged')), ('unflagged__lte', models.F('entries'))),
                        name='sample_day_adds_up',
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name='entrysample',
            name='draw',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='samples', to='alerts.sampleday'),
        ),
        migrations.AddField(
            model_name='entrysample',
            name='rule_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.ruleset'),
        ),
        migrations.AddField(
            model_name='entrysample',
            name='followed_up',
            field=models.CharField(blank=True, default='', max_length=300, verbose_name='what was done'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='entrysample',
            name='followed_up_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='entrysample',
            name='followed_up_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='entrysample',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(('followed_up', ''), ('followed_up_at__isnull', True), ('followed_up_by__isnull', True)),
                    models.Q(
                        ('followed_up__gt', ''),
                        ('followed_up_at__isnull', False),
                        ('followed_up_by__isnull', False),
                        ('rating__in', ['same_day', 'urgent', 'emergency']),
                    ),
                    _connector='OR',
                ),
                name='entry_sample_follow_up_names_her',
            ),
        ),
        migrations.AddIndex(
            model_name='entrysample',
            index=models.Index(
                condition=models.Q(('followed_up', ''), ('rating__in', ['same_day', 'urgent', 'emergency'])),
                fields=['clinic', 'rated_at'],
                name='entry_sample_to_follow_up',
            ),
        ),
        migrations.AddField(
            model_name='rulebudget',
            name='version',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='rulebudget',
            name='changed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='changed'),
        ),
        migrations.AddField(
            model_name='rulebudget',
            name='changed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='flag',
            index=models.Index(
                condition=models.Q(('withdrawn_at__isnull', True)),
                fields=['raised_at'],
                include=('rule', 'tier', 'patient', 'alert'),
                name='flag_standing_by_time',
            ),
        ),
    ]
