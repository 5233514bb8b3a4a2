"""A form as a browser without scripts sees it: what its fields hold, and what pressing one of its buttons sends."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client


@dataclass
class Form:
    """`fields` are name and value in the order of the page, as they would be sent; `buttons` the values of `do`."""

    path: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    focus: str = ''
    text: str = ''

    def value(self, name: str) -> str:
        return next(value for key, value in self.fields if key == name)

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def fill(self, **values: str) -> 'Form':
        return self.put(values)

    def put(self, values: dict[str, str | list[str]]) -> 'Form':
        """Type in fields that are there: a browser cannot send others (boxes and radios may be off)."""
        for name, value in values.items():
            self.fields = [(key, old) for key, old in self.fields if key != name]
            self.fields += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        return self

    def press(self, browser: Client, do: str, **headers: Any) -> Any:
        assert do in self.buttons, f'there is no button {do}, only {self.buttons}'
        data: dict[str, list[str]] = {'do': [do]}
        for name, value in self.fields:
            data.setdefault(name, []).append(value)
        return browser.post(self.path, data, headers=headers)

    def then(self, browser: Client, do: str) -> 'Form':
        """The form that comes back after pressing a button."""
        return form_of(self.press(browser, do))


class _Reader(HTMLParser):
    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form, self.inside, self.select, self.area = form, False, '', ''
        self.first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or '' for name, value in attrs}
        self.inside = self.inside or (tag == 'form' and given.get('id') == 'rule-form')
        if not self.inside:
            return
        if 'autofocus' in given:
            self.form.focus = given.get('id', '')
        getattr(self, f'_{tag}', lambda _given: None)(given)

    def _button(self, given: dict[str, str]) -> None:
        if given.get('name') == 'do':
            self.form.buttons.append(given['value'])

    def _input(self, given: dict[str, str]) -> None:
        off = given.get('type') in ('checkbox', 'radio') and 'checked' not in given
        if given.get('name') and not off:
            self.form.fields.append((given['name'], given.get('value', '')))

    def _select(self, given: dict[str, str]) -> None:
        self.select, self.first = given['name'], None

    def _option(self, given: dict[str, str]) -> None:
        if self.first is None:
            self.first = given['value']
            self.form.fields.append((self.select, given['value']))
        elif 'selected' in given:
            self.form.fields[-1] = (self.select, given['value'])

    def handle_endtag(self, tag: str) -> None:
        if tag == 'form':
            self.inside = False

    def handle_data(self, data: str) -> None:
        self.form.text += data if self.inside else ''


def form_of(answer: Any) -> Form:
    """The editor's form on a page that was answered."""
    assert answer.status_code in (200, 409, 422), answer.status_code
    form = Form(answer.wsgi_request.get_full_path())
    _Reader(form).feed(answer.content.decode())
    assert form.buttons, 'the page has no form of a rule'
    return form
