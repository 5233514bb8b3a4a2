from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.demo.play import is_played, play


class Command(BaseCommand):
    """A believable, made-up population, written by the same services as real entries and evaluated by the same rules."""

    help = 'Make up patients with treatments and diaries. The same seed and --now give the same data. All of it is synthetic.'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument('--patients', type=int, default=24, help='beside Ana, Ben and Olga (default: 24)')
        parser.add_argument('--days', type=int, default=60, help='how far back the diaries go (default: 60)')
        parser.add_argument('--seed', type=int, default=1)
        parser.add_argument('--now', type=datetime.fromisoformat, help='when the story ends, ISO 8601 with an offset')
        parser.add_argument('--if-empty', action='store_true', help='do nothing when there is a diary entry already')

    def handle(self, *args: Any, **options: Any) -> None:
        if is_played():
            if options['if_empty']:
                return
            raise CommandError('There are diary entries already. Start with an empty database, or give --if-empty.')
        if options['patients'] < 0 or options['days'] < 7:
            raise CommandError('Give 0 or more --patients and at least 7 --days.')
        until = self._until(options['now'])
        self.stdout.write('Making up people and their diaries. All of them are synthetic: nobody here is real.')
        played = play(
            patients=options['patients'],
            days=options['days'],
            seed=options['seed'],
            until=until,
            quiet=options['verbosity'] == 0,
        )
        self.stdout.write(
            f'{played.patients} synthetic patients, {played.entries} entries, {played.evaluated} evaluations'
            f' (seed {options["seed"]}, until {until.isoformat()}).'
        )

    def _until(self, asked: datetime | None) -> datetime:
        if asked is not None and asked.tzinfo is None:
            raise CommandError('--now needs an offset, as in 2026-11-16T09:00:00-05:00.')
        return (asked or timezone.now()).astimezone(UTC).replace(second=0, microsecond=0)
