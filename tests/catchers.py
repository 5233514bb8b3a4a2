"""Local receivers, so that a test sees the messages that really went over the wire: a mail server, a web server, a push service."""

import asyncio
import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HOST = '127.0.0.1'


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip('=')


@dataclass
class Mailbox:
    """What the mail server took. `answers` are given to the next recipients ("550 no such user"); then it takes everything.

    At whoever is in `hangs` it falls silent for a minute.
    """

    mails: list[Message] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    hangs: set[str] = field(default_factory=set)
    begun: bool = False
    port: int = 0

    @property
    def url(self) -> str:
        return f'smtp://{HOST}:{self.port}'

    def to(self) -> list[str]:
        return sorted(str(mail['To']) for mail in self.mails)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.begun = True
        if address in self.hangs:
            await asyncio.sleep(60)
        answer = self.answers.pop(0) if self.answers else '250 OK'
        if answer.startswith('250'):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or '').encode()
        self.raw.append(content)
        self.mails.append(message_from_bytes(content, policy=default))
        return '250 OK'


class _Mail(Controller):
    """Any free port, which the base class cannot report."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(**told: Any) -> Iterator[Mailbox]:
    """An SMTP server in a thread of this process."""
    box = Mailbox(**told)
    running = _Mail(box, hostname=HOST, port=0)
    running.start()
    box.port = running.port
    try:
        yield box
    finally:
        running.stop()


@dataclass
class Caught:
    """What the web server was posted: path, headers and body of each. `answers` are the next statuses; then 201.

    Requests to a path in `hangs` are taken and get no answer until the server stops.
    """

    posts: list[tuple[str, Message, bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    says: bytes = b''
    hangs: set[str] = field(default_factory=set)
    released: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def origin(self) -> str:
        return f'http://{HOST}:{self.port}'

    @property
    def paths(self) -> list[str]:
        return [path for path, _headers, _body in self.posts]


@contextmanager
def web_server(**told: Any) -> Iterator[Caught]:
    """An HTTP endpoint that keeps what it is posted. While it hangs it takes the request and says nothing."""
    caught = Caught(**told)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
            caught.posts.append((self.path, self.headers, body))
            if self.path in caught.hangs:
                caught.released.wait(60)
            status = caught.answers.pop(0) if caught.answers else 201
            self.send_response(status)
            self.send_header('Content-Length', str(len(caught.says)))
            if status in (301, 302, 307, 308):
                self.send_header('Location', f'{caught.origin}/elsewhere')
            self.end_headers()
            self.wfile.write(caught.says)

        def log_message(self, *args: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(ConnectionError):  # whoever asked has stopped waiting
                super().handle()

    server = ThreadingHTTPServer((HOST, 0), Handler)
    caught.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.05}, daemon=True)
    thread.start()
    try:
        yield caught
    finally:
        caught.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Device:
    """A browser that subscribed at a push service of ours: only it can read what is pushed to it."""

    service: Caught
    name: str = 'device-1'
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def subscription(self) -> str:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {'p256dh': unpadded(point), 'auth': unpadded(self.secret)}
        return json.dumps({'endpoint': f'{self.service.origin}/{self.name}', 'expirationTime': None, 'keys': keys})

    def notices(self) -> list[dict[str, Any]]:
        """What was pushed to it, decrypted (RFC 8291)."""
        mine = [body for path, _headers, body in self.service.posts if path == f'/{self.name}']
        return [json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret)) for body in mine]
