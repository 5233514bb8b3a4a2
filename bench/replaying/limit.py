"""What nothing can beat: the rows of a replay read, and as many flags copied back, with no rules at all.

    python -m bench.replaying.limit REPLAY NUMBER OF       every OF-th batch, from NUMBER on

Says "ready", waits for a line, and ends when it is done.
"""

import os
import sys

import django
from django.db import connection, transaction

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'bench.settings')
django.setup()

from alerts.models import Replay, ReplayBatch, ReplayFlag  # noqa: E402
from alerts.services.rules.replay_batch import COPY_FLAGS  # noqa: E402
from alerts.services.rules.replay_read import ENTRIES, Window  # noqa: E402
from alerts.services.rules.replay_sides import sides_of  # noqa: E402
from clinic.instants import read_instants_fast  # noqa: E402

NOBODYS = -1  # the flags belong to no replay, and go again


def main(replay_id: int, number: int, of: int) -> None:
    replay = Replay.objects.get(pk=replay_id)
    window = Window(replay.since, replay.until, sides_of(replay).lookback)
    batches = [batch for batch in ReplayBatch.objects.filter(replay=replay) if batch.number % of == number]
    print('ready', flush=True)
    sys.stdin.readline()
    for batch in batches:
        with transaction.atomic():
            _one(batch, window)
    print('done', flush=True)
    sys.stdin.readline()
    if number == 0:
        ReplayFlag.objects.filter(replay_id=NOBODYS).delete()


def _one(batch: ReplayBatch, window: Window) -> None:
    flags = sum(number for sides in batch.figures['flags'].values() for number in sides.values())
    with connection.cursor() as cursor:
        cursor.execute('SET LOCAL max_parallel_workers_per_gather = 0')
        read_instants_fast(cursor)
        cursor.execute(ENTRIES, {'patients': batch.patients, 'since': window.since, 'until': window.last})
        rows = cursor.fetchall()
        # One line made of a row, again and again: what is measured is the writing.
        lines = ''.join(
            f'{NOBODYS}\t{row[0]}\t{row[4]}\tR02\turgent\t{row[3]}\tt\tt\n'
            for row in (rows[n % len(rows)] for n in range(flags))
        )
        with cursor.copy(COPY_FLAGS) as copy:
            copy.write(lines)


if __name__ == '__main__':
    main(*map(int, sys.argv[1:]))
