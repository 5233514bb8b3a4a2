"""Named points at which a test can make a real process die, to show that nothing is lost there.

`VIGIL_DIE_AT=name` kills the process (SIGKILL, like a crash) when it comes to that point; `name:3` the third time. It is read
once, when the process starts; unset, a point costs one comparison. A start-up check refuses it outside DEBUG.
"""

import itertools
import os
import signal

VARIABLE = 'VIGIL_DIE_AT'
_NAME, _, _NTH = os.environ.get(VARIABLE, '').partition(':')
_passed = itertools.count(1)


def point(name: str) -> None:
    """A step of work is between two of these. Dies here when it was asked to."""
    if name == _NAME and next(_passed) == int(_NTH or 1):
        os.kill(os.getpid(), signal.SIGKILL)
