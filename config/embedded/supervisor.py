"""`manage.py up`: database, broker, worker, beat, streams and web as one thing that starts and stops together."""

import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config.embedded import paths, programs
from config.embedded.addresses import addresses, check_given_servers, own_broker, own_database
from config.embedded.broker import start_broker
from config.embedded.console import CannotStart, say
from config.embedded.keeper import Keeper, Kept
from config.embedded.places import lock, make_open, make_private
from config.embedded.postgres import start_postgres
from config.embedded.processes import TOKEN, Child, Program, start
from config.embedded.sweep import remember, sweep
from config.embedded.tail import Tail

WEB_SECONDS = 180


class Leave(BaseException):
    """Somebody asked us to stop."""


@dataclass
class Supervisor:
    """One run on one DATA_DIR. `port` is where the web server listens, `stream_port` where the streams do (0: any)."""

    port: int
    stream_port: int = 0
    data: Path = field(default_factory=paths.data_dir)
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    keeper: Keeper = field(init=False)
    tails: list[Tail] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keeper = Keeper(changed=lambda children: remember(self.record, self.token, children))

    @property
    def record(self) -> Path:
        return self.data / 'processes.json'

    @property
    def logs(self) -> Path:
        return self.data / 'logs'

    def run(self, *, ready: Callable[[dict[str, str]], None], servers_only: bool = False) -> None:
        """Start everything, call `ready` with the environment, and keep it up until a signal. Raises CannotStart."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self._data_dir())
            except OSError as error:
                raise CannotStart(f'DATA_DIR {self.data} cannot be used: {error.strerror or error}.') from None
            self._listen_to_signals()
            try:
                self._start(ready, servers_only=servers_only)
                self._watch()
            except Leave:
                say('Stopping (Ctrl-C again: at once) …')
            finally:
                self._stop()
            say('Stopped. The data stays where it is.')

    def _data_dir(self) -> ExitStack:
        """Make the place, hold its lock, and end what an earlier run left there."""
        make_open(self.data)
        make_private(self.logs)
        held = ExitStack()
        held.enter_context(lock(self.data / 'lock', busy=f'Vigil already runs on {self.data}'))
        left = sweep(self.record)
        if left:
            say(f'Ended {left} process(es) that an earlier run had left behind.')
        return held

    def _start(self, ready: Callable[[dict[str, str]], None], *, servers_only: bool) -> None:
        if not servers_only:
            check_port(self.port)
            self.stream_port = self.stream_port or free_port(self.port + 1)
        check_given_servers()
        environment = self._environment()
        self._start_servers()
        if not servers_only:
            self._run_to_its_end(programs.prepare(environment))
            self._start_vigil(environment)
        ready(environment)

    def _environment(self) -> dict[str, str]:
        given = programs.demo_environment(
            dict(os.environ), port=self.port, stream_port=self.stream_port, data=self.data
        )
        return given | addresses() | self._mark()

    def _mark(self) -> dict[str, str]:
        return {TOKEN: self.token}

    def _start_servers(self) -> None:
        if own_database():
            if paths.servers_dir() != self.data:
                say(f'The database is in {paths.servers_dir()}: its account, nobody, cannot enter {self.data}.')
            log = self.logs / 'database.log'
            self.keeper.add(Kept('database', lambda: start_postgres(log=log, environment=self._mark()), vital=True))
        if own_broker():
            self.keeper.add(
                Kept('broker', lambda: start_broker(log=self.logs / 'broker.log', environment=self._mark()))
            )

    def _start_vigil(self, environment: dict[str, str]) -> None:
        self._keep(programs.worker(environment, logs=self.logs))
        self._keep(programs.beat(environment, logs=self.logs))
        self._keep(programs.streams(environment, logs=self.logs, port=self.stream_port))
        web = self._keep(programs.web(environment, logs=self.logs, port=self.port))
        self._wait_for_web(web)

    def _keep(self, program: Program) -> Child:
        if program.log is not None:
            self.tails.append(Tail(program.name, program.log))
        return self.keeper.add(Kept(program.name, lambda: start(program)))

    def _run_to_its_end(self, program: Program) -> None:
        child = start(program, tty=True)
        try:
            status = child.process.wait()
        finally:
            child.stop()
        if status:
            raise CannotStart(f'`manage.py {program.name}` failed with status {status}; see above.')

    def _wait_for_web(self, web: Child) -> None:
        until = time.monotonic() + WEB_SECONDS
        while not _answers(self.port):
            self._show()
            if not web.alive() or time.monotonic() > until:
                raise CannotStart(f'The web server did not come up. Its log: {web.program.log}')
            time.sleep(0.1)

    def _watch(self) -> None:
        while True:
            self.keeper.look()
            self._show()
            time.sleep(0.2)

    def _show(self) -> None:
        for tail in self.tails:
            tail.show()

    def _stop(self) -> None:
        self.keeper.stop()
        self._show()
        self.record.unlink(missing_ok=True)

    def _listen_to_signals(self) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self._leave)

    def _leave(self, signum: int, frame: FrameType | None) -> None:
        """The first signal stops the run; a later one takes away the patience with which it stops."""
        if self.keeper.leaving:
            self.keeper.hurry = True
            return
        self.keeper.leaving = True
        raise Leave


def check_port(port: int) -> None:
    """Raises CannotStart when we could not listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((programs.LOOPBACK, port))
        except OSError as error:
            raise CannotStart(
                f'Port {port} cannot be used: {error.strerror}. Try another: make run PORT={other_port(port)}'
            ) from None


def free_port(wanted: int) -> int:
    """This port if nobody has it, else one that the system chooses."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((programs.LOOPBACK, wanted))
        except (OSError, OverflowError):
            probe.bind((programs.LOOPBACK, 0))
        return int(probe.getsockname()[1])


def other_port(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 8000


def _answers(port: int) -> bool:
    try:
        socket.create_connection((programs.LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
