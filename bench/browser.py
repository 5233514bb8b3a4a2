"""A lean keep-alive client for one signed-in patient: what it costs must not drown what is measured."""

import http.client
import re
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlencode


@dataclass
class Browser:
    port: int
    session: str
    hidden: dict[str, str] = field(default_factory=dict)
    csrf: str = ''

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)

    def open_form(self, path: str) -> None:
        """Read the CSRF token and the hidden fields of the page."""
        status, headers, page = self._send('GET', path)
        assert status == 200, (status, path)
        cookies = ' '.join(value for name, value in headers if name.lower() == 'set-cookie')
        found = re.search(r'csrftoken=([^;]+)', cookies)
        self.csrf = found.group(1) if found else self.csrf
        self.hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.decode()))

    def post(self, path: str, fields: dict[str, str]) -> int:
        return self._send('POST', path, urlencode(self._sent(fields)))[0]

    def post_and_follow(self, path: str, fields: dict[str, str]) -> str:
        """Post, and where the answer leads to."""
        status, headers, _ = self._send('POST', path, urlencode(self._sent(fields)))
        assert status in (302, 303), status
        return next(value for name, value in headers if name.lower() == 'location')

    def _sent(self, fields: dict[str, str]) -> dict[str, str]:
        """What the form holds and what is answered; a symptom that the diary asks of again is as mild as it was."""
        asked = [
            name.removesuffix('.on') for name, value in self.hidden.items() if name.endswith('.on') and value == 'ask'
        ]
        again = {f'{code}.severity': '1' for code in asked}
        return self.hidden | again | {'client_uuid': str(uuid.uuid4())} | fields

    def read(self, path: str) -> None:
        status, _, page = self._send('GET', path)
        assert status == 200, (status, path)
        assert b'class="advice" data-tier="' in page, path

    def _send(self, method: str, path: str, body: str | None = None) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {'Cookie': f'sessionid={self.session}; csrftoken={self.csrf}', 'Connection': 'keep-alive'}
        if body is not None:
            headers['Content-Type'] = 'application/x-www-form-urlencoded'
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
