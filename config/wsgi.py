"""The web server's application. Loaded once, before the server's processes are forked (`--preload`): they share what was loaded,
and the first page that anybody asks for waits for no import."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')
application = get_wsgi_application()
_ = get_resolver().url_patterns  # imports every view
# The collector writes into every object that it looks at, and the system then copies that page for each process.
gc.collect()
gc.freeze()
