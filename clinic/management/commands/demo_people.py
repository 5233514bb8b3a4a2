from typing import Any

from django.core.management import BaseCommand

from clinic.demo import who_can_sign_in


class Command(BaseCommand):
    """Prints who can sign in to the demo; says so when nobody can."""

    help = 'Print the made-up people who can sign in, and their password.'
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        lines = who_can_sign_in() or ['There are no made-up people. `manage.py demo_data` makes them.']
        self.stdout.write('\n'.join(lines))
