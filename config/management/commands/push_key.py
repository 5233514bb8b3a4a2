"""Make a key for notices on devices."""

from typing import Any

from django.core.management.base import BaseCommand

from config.embedded.push_key import new_push_key


class Command(BaseCommand):
    help = 'Print a new VAPID_PRIVATE_KEY. Keep it: with another key every device must be added again.'

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(new_push_key())
