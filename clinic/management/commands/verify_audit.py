"""manage.py verify_audit: is the record of accesses whole?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.models import AuditEvent, AuditSeal
from clinic.services.audit import verify


class Command(BaseCommand):
    help = 'Reads the record of who looked at patients, seal by seal, and says where it was changed.'

    def handle(self, *args: Any, **options: Any) -> None:
        broken = verify()
        for one in broken:
            self.stderr.write(f'seal {one.seal} of {one.at.isoformat()}: {one.why}')
        if broken:
            raise CommandError(f'The record is not whole: {len(broken)} seals do not fit.')
        unsealed = AuditEvent.objects.filter(seal=None).count()
        self.stdout.write(
            f'The record is whole: {AuditSeal.objects.count()} seals fit, {unsealed} events wait for theirs.'
        )
