"""Scales that changed, and whose word it is that a symptom is retired."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A symptom without a version of the project's own was added by a person; all others were in the files until now. Who retired
# one is not known: it stays retired until the files change, which is what a person would want.
SHIPPED = """
UPDATE diary_symptom s SET in_files = true
 WHERE EXISTS (SELECT 1 FROM diary_symptomversion v WHERE v.symptom_id = s.id AND v.created_by_id IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = [
        ('diary', '0005_loop'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='symptom',
            name='in_files',
            field=models.BooleanField(default=False, editable=False, verbose_name='in the project’s files'),
        ),
        migrations.AddField(
            model_name='symptom',
            name='retired_by',
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name='+',
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name='symptomversion',
            name='level_map',
            field=models.JSONField(blank=True, null=True, verbose_name='new level of each old one'),
        ),
        migrations.AddField(
            model_name='symptomversion',
            name='scale',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='scale'),
        ),
        migrations.RunSQL(SHIPPED, migrations.RunSQL.noop),
    ]
