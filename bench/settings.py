"""Vigil's settings plus the bare task that the figures are held against."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, 'bench']
