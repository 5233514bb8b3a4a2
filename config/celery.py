"""The Celery application. Tasks are found in each app's tasks.py; the whole beat schedule stands in config/schedule.py."""

import os

from celery import Celery

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')

app = Celery('vigil')
app.config_from_object('django.conf:settings', namespace='CELERY')
# RedBeat only believes that a setting was made when its name is known; the values come from the settings.
app.add_defaults(lambda: {'redbeat_redis_url': None, 'redbeat_redis_options': None})
app.autodiscover_tasks()
