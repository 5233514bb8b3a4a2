"""Vigil's settings plus the bare views and the bare task that the figures are held against."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, TEMPLATES

INSTALLED_APPS = [*INSTALLED_APPS, 'bench']
ROOT_URLCONF = 'bench.urls'
GATE_GUESTS = {
    'allauth.account.': 'anyone',
    'django.contrib.admin.': 'anyone',
    'django.views.i18n': 'anyone',
    'bench.': 'anyone',
}
assert TEMPLATES
