"""Silent runs know which evaluation they looked at, and find what was evaluated lately by an index."""

from datetime import UTC, datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('alerts', '0015_replay_batches')]

    operations = [
        migrations.AddField(
            model_name='silentcheck',
            name='evaluated_at',
            field=models.DateTimeField(default=datetime(2000, 1, 1, tzinfo=UTC)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='silentcheck', name='attempts', field=models.PositiveSmallIntegerField(default=1)
        ),
        migrations.AddIndex(
            model_name='silentcheck',
            index=models.Index(fields=['rule_set', 'kind', '-evaluated_at'], name='silent_check_latest'),
        ),
        migrations.AddIndex(
            model_name='evaluation',
            index=models.Index(
                condition=models.Q(('evaluated_at__isnull', False)),
                fields=['rule_set', 'evaluated_at'],
                name='evaluation_done',
            ),
        ),
    ]
