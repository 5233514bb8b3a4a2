"""Keeps a set of children running: starts again what dies, with growing pauses, and stops all in order."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from config.embedded.console import CannotStart, complain, say
from config.embedded.processes import Child

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
# A process that lived this long had recovered: its next pause is short again.
GOOD_LIFE = 60.0


@dataclass
class Kept:
    """One process and how to bring it up. With `vital`, its death ends the whole run."""

    name: str
    start: Callable[[], Child]
    vital: bool = False
    child: Child | None = None
    pause: float = FIRST_PAUSE
    due: float = 0.0


@dataclass
class Keeper:
    """In starting order; stopping takes the reverse. `changed` is called with the running children after each start."""

    changed: Callable[[list[Child]], None]
    kept: list[Kept] = field(default_factory=list)
    leaving: bool = False
    hurry: bool = False

    def add(self, kept: Kept) -> Child:
        """Start it and keep it. Raises what `start` raises."""
        self.kept.append(kept)
        return self._start(kept)

    def look(self) -> None:
        """Notice who died, and start again whose pause is over. Raises CannotStart for a vital one."""
        for each in self.kept:
            if each.child is not None and not each.child.alive():
                self._mourn(each, each.child)
            if each.child is None and time.monotonic() >= each.due:
                self._start_again(each)

    def stop(self) -> None:
        """Newest first: nobody is asked to work on a server that has gone."""
        self.leaving = True
        for each in reversed(self.kept):
            child, each.child = each.child, None
            if child is not None and not child.stop(hurry=lambda: self.hurry):
                complain(f'{each.name} did not stop when asked and was ended.')
        self.kept.clear()

    def _mourn(self, kept: Kept, child: Child) -> None:
        status = child.process.returncode
        how = f'was ended by signal {-status}' if status < 0 else f'stopped by itself with status {status}'
        child.kill()  # what it left behind in its session
        kept.child = None
        if kept.vital:
            raise CannotStart(f'The {kept.name} {how}. Everything is stopped; its log: {child.program.log}')
        lived = time.monotonic() - child.since
        kept.pause = FIRST_PAUSE if lived > GOOD_LIFE else min(kept.pause * 2, LONGEST_PAUSE)
        kept.due = time.monotonic() + kept.pause
        complain(f'The {kept.name} {how}; it is started again in {kept.pause:.0f} s. Its log: {child.program.log}')

    def _start_again(self, kept: Kept) -> None:
        try:
            self._start(kept)
        except (CannotStart, OSError) as problem:
            kept.pause = min(kept.pause * 2, LONGEST_PAUSE)
            kept.due = time.monotonic() + kept.pause
            complain(f'The {kept.name} could not be started again: {problem}')
        else:
            say(f'The {kept.name} runs again.')

    def _start(self, kept: Kept) -> Child:
        kept.child = kept.start()
        self.changed([each.child for each in self.kept if each.child is not None])
        return kept.child
