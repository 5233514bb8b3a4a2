"""The stream process: `uvicorn config.asgi:application`. Pages are served by config/wsgi.py."""

import os
from urllib.parse import urlsplit

import django
from django.conf import settings

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')
os.environ.setdefault('PGAPPNAME', 'vigil streams')  # how its connections are told apart in the database
django.setup()

from config.streams.app import Streams  # noqa: E402  (models are ready only now)

_site = urlsplit(settings.BASE_URL)
application = Streams(origin=f'{_site.scheme}://{_site.netloc}')
