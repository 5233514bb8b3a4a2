from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.utils import timezone

from alerts.services.promises import clinics_without_nurse
from alerts.services.watching import expect_all


class Command(BaseCommand):
    """Everything that must be there before the first request. Safe to run again: each step looks first."""

    help = 'Migrate, load the clinical content, collect the static files; in demo mode also make up people.'

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write('Preparing the database …')
        call_command('migrate', verbosity=0, interactive=False)
        call_command('createcachetable', verbosity=0)
        call_command('load_content')
        if not settings.DEBUG:
            call_command('collectstatic', verbosity=0, interactive=False)
        if settings.DEMO_MODE:
            call_command('demo_data', if_empty=True)
        expect_all(now=timezone.now())  # a fresh start has its first minute before anybody reads that work has stopped
        for clinic in clinics_without_nurse():
            self.stderr.write(f'Nobody sees what patients of clinic {clinic.pk} write: it has no active nurse.')
