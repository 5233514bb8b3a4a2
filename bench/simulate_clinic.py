"""A clinic's month on a simulated clock: 1,000 made-up patients, 5 nurses, and processes that die at random moments.

    make bench ARGS="simulate_clinic --patients 1000 --nurses 5 --days 30 --seed 1"

Plays the real services against the real database. Exits with an error when anything was lost or doubled, when a red alert was
neither acknowledged nor escalated on schedule, or when red waited longer than amber. All figures are of a simulation.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from bench.simulation.run import Result, Setting, play


def run(argv: Sequence[str] = ()) -> dict[str, Any]:
    result = play(_setting(argv))
    broken = broken_promises(result)
    if broken:
        print(json.dumps(result.told, indent=2, default=str))
        sys.exit('\n'.join(broken))
    return result.told


def broken_promises(result: Result) -> list[str]:
    """What was promised and did not hold, in words; empty when all did."""
    found = [f'{name}: {value}' for name, value in vars(result.losses).items() if value and name != 'wrong']
    waits = result.told['wait_minutes']
    if {'red', 'amber'} <= waits.keys() and waits['red']['median'] >= waits['amber']['median']:
        found.append('red waited as long as amber')
    return found + result.losses.wrong[:10]


def _setting(argv: Sequence[str]) -> Setting:
    usual, parser = Setting(), argparse.ArgumentParser(prog='simulate_clinic')
    for name in ('patients', 'nurses', 'days', 'seed'):
        parser.add_argument(f'--{name}', type=int, default=getattr(usual, name))
    return Setting(**vars(parser.parse_args(argv)))
