"""The Celery application. Tasks are found in each app's tasks.py; the whole beat schedule stands in config/schedule.py."""

import os

from celery import Celery

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')

app = Celery('vigil')
app.config_from_object('django.conf:settings', namespace='CELERY')
app.autodiscover_tasks()
