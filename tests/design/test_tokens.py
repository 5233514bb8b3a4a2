"""The colours: what is said of their contrast is computed from the style sheet itself."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR) / 'static' / 'css'
TOKEN = re.compile(r'--([\w-]+):\s*([^;]+);')
TIERS = ['emergency', 'urgent', 'same-day', 'monitor', 'unknown']


def themes() -> dict[str, dict[str, str]]:
    """Light, dark by the system, dark by choice: token to value."""
    source = (CSS / 'tokens.css').read_text()
    starts = {'light': ':root {', 'system': ':root:not([data-theme="light"]) {', 'chosen': ':root[data-theme="dark"] {'}
    return {name: dict(TOKEN.findall(_block(source, start))) for name, start in starts.items()}


def more_contrast() -> dict[str, dict[str, str]]:
    """What the system's wish for more contrast makes of light, dark by the system and dark by choice."""
    source = (CSS / 'tokens.css').read_text()
    wish = source[source.index('@media (prefers-contrast: more)') :]
    light = TOKEN.findall(_block(wish, ':root:root:root {'))
    starts = {'system': ':root:root:root:not([data-theme="light"]) {', 'chosen': ':root:root:root[data-theme="dark"] {'}
    found = {'light': themes()['light'] | dict(light)}
    for name, start in starts.items():
        found[name] = themes()['chosen'] | dict(light) | dict(TOKEN.findall(_block(wish, start)))
    return found


def _block(source: str, start: str) -> str:
    begin = source.index(start) + len(start)
    return source[begin : source.index('}', begin)]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_guideline() -> None:
    assert contrast('#000000', '#ffffff') == pytest.approx(21)
    assert contrast('#777777', '#ffffff') == pytest.approx(4.48, abs=0.01)


def test_dark_by_the_system_and_dark_by_choice_are_the_same() -> None:
    found = themes()
    assert found['system'] == found['chosen']
    assert 'ground' in found['chosen']


@pytest.mark.parametrize('theme', ['light', 'chosen'])
@pytest.mark.parametrize('tier', TIERS)
def test_advice_can_be_read_at_seven_to_one(theme: str, tier: str) -> None:
    tokens = themes()[theme]
    pairs = [(f'{tier}-on', tier), (f'{tier}-ink', f'{tier}-soft'), ('ink', f'{tier}-soft')]
    assert {pair: contrast(tokens[pair[0]], tokens[pair[1]]) >= 7 for pair in pairs} == dict.fromkeys(pairs, True)


@pytest.mark.parametrize('theme', ['light', 'chosen'])
def test_words_and_edges_can_be_seen_on_every_ground(theme: str) -> None:
    tokens = themes()[theme]
    grounds = ['ground', 'surface', 'sunken']
    wanted = {'ink': 7.0, 'ink-2': 4.5, 'accent': 4.5, 'danger': 4.5, 'good': 4.5, 'line-strong': 3.0, 'focus': 3.0}
    weak = [
        (word, ground)
        for word, least in wanted.items()
        for ground in grounds
        if contrast(tokens[word], tokens[ground]) < least
    ]
    assert weak == []


def test_who_asks_for_more_contrast_gets_it() -> None:
    found = more_contrast()
    assert found['system'] == found['chosen']
    wanted = {
        'ink': 15.0,
        'ink-2': 10.0,
        'accent': 8.0,
        'danger': 8.0,
        'good': 8.0,
        'line': 4.5,
        'line-strong': 7.0,
        'focus': 7.0,
    }
    weak = [
        (theme, word, ground, round(contrast(tokens[word], tokens[ground]), 1))
        for theme, tokens in found.items()
        for word, least in wanted.items()
        for ground in ('ground', 'surface', 'sunken')
        if contrast(tokens[word], tokens[ground]) < least
    ]
    assert weak == []


def test_every_token_in_use_is_defined() -> None:
    ours = [sheet for sheet in CSS.glob('*.css') if sheet.name != 'admin.css']  # that one uses Django's own names
    sheets = [sheet.read_text() for sheet in ours]
    used = {name for sheet in sheets for name in re.findall(r'var\(--([\w-]+)', sheet)}
    defined = {name for sheet in sheets for name, _ in re.findall(r'--([\w-]+):\s*([^;]+);', sheet)}
    assert used - defined == set()
