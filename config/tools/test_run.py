"""`make test`: what the tests need, every check, then the suite on throw-away servers. Ends with pytest's summary."""

import os
import sys

from config.embedded.console import CannotStart, complain
from config.embedded.with_servers import leave_on_signals, run, servers
from config.tools import checks
from config.tools.needs import BROWSER, needs, provide

# Many tests wait for real processes: three at a time take half as long on two cores. Each has a database of its own. Not sorted by
# length: pytest-django puts tests that empty the tables last, for those that rely on what migrations wrote.
AT_ONCE = ['-n', '3', '--dist', 'worksteal']


def main(arguments: list[str]) -> int:
    """1 when a check failed, else what pytest says."""
    leave_on_signals()
    try:
        found = {need.variable: provide(need) for need in needs()}
        with servers() as environment:
            environment[BROWSER.variable] = found[BROWSER.variable]
            os.environ.update(environment)
            failed = checks.run(checks.everything())
            status = run([sys.executable, '-m', 'pytest', *AT_ONCE, *arguments], environment)
    except CannotStart as problem:
        complain(str(problem))
        return 1
    except KeyboardInterrupt:
        return 130
    if failed:
        complain(f'These checks failed before the tests, see above: {", ".join(failed)}')
    return status or bool(failed)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
