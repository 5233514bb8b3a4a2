"""The service worker: one script for notices and for the diary without a network, made of the modules that pages use too.

Pages load static/js/offline/*.js as modules. A service worker that every browser runs is a classic script, so it gets the same
files in one, without their import and export words.
"""

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

PARTS = ('store', 'seal', 'send', 'pages', 'notices', 'worker')
_IMPORT = re.compile(r'^import [^;]*;\n', re.MULTILINE)
_EXPORT = re.compile(r'^export ', re.MULTILINE)


def worker_script() -> str:
    """The script as it is now; read once per process, except while developing."""
    return _script() if settings.DEBUG else _cached()


def etag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _script() -> str:
    return f'const STATIC = {json.dumps(settings.STATIC_URL)};\n' + '\n'.join(_plain(name) for name in PARTS)


@lru_cache(maxsize=1)
def _cached() -> str:
    return _script()


def _plain(name: str) -> str:
    found = finders.find(f'js/offline/{name}.js')
    if not isinstance(found, str):
        raise FileNotFoundError(f'static/js/offline/{name}.js')
    return _EXPORT.sub('', _IMPORT.sub('', Path(found).read_text()))
