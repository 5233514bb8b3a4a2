"""Text from anybody: read strictly, in bounded time and memory, and written in one way that reads back as it was."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import content
from alerts.engine import RuleError
from alerts.engine.visible import hidden_in
from alerts.plain_yaml import MOST_BYTES, MOST_DEPTH, MOST_VALUES, line_of, read_yaml, write_yaml

MALICIOUS = {
    'a bomb of aliases': ('a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n', 'line 1, column 4: anchors are not allowed'),
    'an alias alone': ('a: *b\n', 'line 1, column 4: aliases are not allowed'),
    'a merge': ('a: {<<: {b: 1}}\n', 'line 1, column 5: merging with << is not allowed'),
    'an object of Python': (
        'a: !!python/object/apply:os.getcwd []\n',
        'tags such as tag:yaml.org,2002:python/object/ap',
    ),
    'a harmless tag': ('a: !!str 1\n', 'line 1, column 4: tags such as'),
    'a tag of its own': ('%TAG ! tag:x,2000:\n---\n!x a', 'tags such as tag:x,2000:x'),
    'NUL': ('a: x\nb: \x00\n', 'line 2: the character U+0000 is not allowed'),
    'a bell, escaped': ('a: "\\a"\n', 'line 1, column 4: the character U+0007, which nobody can see, is not allowed'),
    'a right-to-left override': ('a: safe\u202eelur\n', 'the character U+202E'),
    'the same, escaped': ('a: "safe\\u202eelur"\n', 'the character U+202E'),
    'a zero-width space in a name': ('EO\u200b1: x\n', 'the character U+200B'),
    'an empty letter': ('a: \u3164\n', 'the character U+3164'),
    'a lone surrogate': ('a: "\\ud800"\n', 'line 1'),
    'a name twice': ('a: 1\nb: 2\na: 3\n', "line 3, column 1: 'a' is given twice"),
    'a number as a name': ('1: x\n', 'line 1, column 1: the name 1 must be text'),
    'a mapping as a name': ('? {a: 1}\n: x\n', 'the name a mapping must be text'),
    'not a number': ('a: .nan\n', 'line 1, column 4: .nan can be read in more than one way'),
    'infinity': ('a: -.INF\n', '-.INF can be read in more than one way'),
    'a number without end': (f'a: {"9" * 9000}\n', 'can be read in more than one way'),
    'a fraction without end': (f'a: 0.{"9" * 9000}\n', 'can be read in more than one way'),
    'a float beyond all': ('a: 1.0e+999\n', '1.0e+999 can be read in more than one way'),
    'a date': ('a: 2026-11-16\n', '2026-11-16 can be read in more than one way'),
    'a time': ('a: 2026-11-16T10:00:00Z\n', 'can be read in more than one way'),
    'sixties': ('a: 1:30\n', '1:30 can be read in more than one way'),
    'eights': ('a: 010\n', '010 can be read in more than one way'),
    'a truth of some readers': ('a: on\n', 'on can be read in more than one way'),
    'two documents': ('a: 1\n---\nb: 2\n', 'a second document'),
    'no YAML': ('a: [1\n', 'line 2'),
    'a long text': (f'a: "{"x" * 10_001}"\n', 'a text of 10,001 characters; at most 10,000 are read'),
    'lists in one line': ('[' * 100_000, f'nested too deeply: more than {MOST_DEPTH} levels'),
    'lists in many lines': ('[\n' * 100_000, 'nested too deeply'),
    'lists without brackets': ('- ' * 50_000 + 'x', 'nested too deeply'),
    'mappings in one line': ('{a: ' * 100_000, 'nested too deeply'),
    'mappings without brackets': ('\n'.join(' ' * n + 'a:' for n in range(1000)), 'nested too deeply'),
    'a quarter of a million items': ('- 1\n' * 249_000, f'more than {MOST_VALUES:,} values'),
    'fifty megabytes': ('x' * 50_000_000, f'50,000,000 bytes of text; at most {MOST_BYTES:,} are read'),
}


@pytest.mark.parametrize(('text', 'complaint'), MALICIOUS.values(), ids=MALICIOUS)
def test_what_is_no_plain_data_is_refused_at_its_place(text: str, complaint: str) -> None:
    with pytest.raises(RuleError) as refused:
        read_yaml(text)
    assert complaint in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize('name', ['lists in one line', 'fifty megabytes', 'a number without end'])
def test_refusing_needs_little_memory(name: str) -> None:
    text, _ = MALICIOUS[name]
    tracemalloc.start()
    try:
        with pytest.raises(RuleError):
            read_yaml(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000 + len(text)


@pytest.mark.parametrize(
    ('text', 'value'),
    [
        ('a: yes', True),
        ('a: no', False),
        ('a: 38.0', 38.0),
        ('a: -3', -3),
        ('a: "2026-11-16"', '2026-11-16'),
        ('a: 0-4', '0-4'),
        ('a:', None),
        ('\ufeffa: x', 'x'),
        ('a: שלום', 'שלום'),
    ],
)
def test_plain_data_is_what_it_looks_like(text: str, value: object) -> None:
    assert read_yaml(text) == {'a': value}


@pytest.mark.parametrize('name', ['rules.yaml', 'catalogue.yaml', 'sources.yaml', 'triage.yaml'])
def test_our_own_files_are_read_and_written_without_a_change(name: str) -> None:
    data = read_yaml((content.FOLDER / name).read_text(encoding='utf-8'))
    assert read_yaml(write_yaml(data)) == data


TEXT = st.text(max_size=30).filter(lambda text: not hidden_in(text) and '\r' not in text)
NUMBERS = st.integers(-(10**19), 10**19) | st.floats(-1e12, 1e12, allow_nan=False).map(lambda n: round(n, 6))
DATA = st.recursive(
    st.none()
    | st.booleans()
    | NUMBERS
    | TEXT
    | st.sampled_from(['yes', 'null', '1e5', '0x1f', '2026-11-16', '<<', '']),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(DATA)
def test_whatever_is_written_reads_back_as_it_was(data: object) -> None:
    assert read_yaml(write_yaml(data)) == data


@pytest.mark.parametrize(
    ('place', 'line'),
    [('', 1), ('rules.E02', 4), ('rules.E02.when[1].gte', 6), ('rules.E03', None), ('rules.E02.when[9]', None)],
)
def test_an_errors_place_has_its_line(place: str, line: int | None) -> None:
    text = 'rules:\n  E01: 1\n  E02:\n    when:\n    - a\n    - {symptom: X, gte: 9}\n'
    assert line_of(text, place) == line
