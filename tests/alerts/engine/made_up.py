"""Made-up patients and timelines for property tests: everything the catalogue can say, near every edge."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from alerts.content import default_rules
from alerts.engine import ContextSpan, Dose, EntryFacts, Field, Kind, PatientFacts
from alerts.engine.naming import may_name

RULES = default_rules()
CATALOGUE = RULES.catalogue
# A day on which the clocks change, in each zone: forward and back, by an hour and by half an hour, and one without.
CLOCK_CHANGES = {
    'America/New_York': [(2026, 3, 8), (2026, 11, 1)],
    'Europe/London': [(2026, 3, 29), (2026, 10, 25)],
    'Australia/Lord_Howe': [(2026, 4, 5), (2026, 10, 4)],
    'America/St_Johns': [(2010, 11, 7)],  # at 00:01 back to 23:01 of the day before
    'UTC': [(2026, 3, 3)],
}
# The steps of a timeline gather at the limits of the rules: the same instant, a day, two days, a week.
STEPS = [timedelta(hours=hours) for hours in (0, 1, 5, 12, 23, 24, 25, 48, 100, 168, 169)]
NUDGES = [timedelta(), timedelta(microseconds=1), -timedelta(microseconds=1), timedelta(minutes=30)]
# The steps of a diary that is kept every day, so that things can persist.
DAILY = [timedelta(hours=hours) for hours in (0, 12, 24, 24, 24, 24, 25)]
# The symptoms that one rule speaks of, so that conditions made of several are met.
TOGETHER = sorted({tuple(sorted(names)) for rule in RULES.rules.values() if (names := may_name(rule.when))})


def number(field: Field) -> st.SearchStrategy:
    limits = {'celsius': [37.9, 38, Decimal('37.999'), 38.0, 38.3, 38.29], 'percent_body': [9, Decimal('9.99'), 10]}
    near = limits.get(field.name, [0, 1, 2, 4, 5, 6, 7, 8])
    return st.one_of(st.sampled_from(near), st.integers(int(field.low), int(field.high)))


def value(field: Field) -> st.SearchStrategy:
    match field.kind:
        case Kind.SEVERITY:
            return st.integers(0, 4)
        case Kind.YES:
            return st.booleans()
        case Kind.TEXT:
            return st.just('a made-up sentence')
    return number(field)


def answer(code: str) -> st.SearchStrategy[dict]:
    fields = CATALOGUE.symptoms[code].fields
    return st.fixed_dictionaries({}, optional={name: value(field) for name, field in fields.items()})


ANSWERS = {code: answer(code) for code in CATALOGUE.symptoms}
MEASUREMENTS = st.fixed_dictionaries(
    {},
    optional={
        'systolic_bp': st.sampled_from([89, 90, 91, 84, Decimal('83.9'), 130]),
        'weight': st.sampled_from([72, 76, 75.9, 80, 84, 88, Decimal('83.99')]),
        'spo2': st.sampled_from([91, 91.9, 92, 98]),
        'pulse': st.integers(25, 250),
    },
)
BASELINE = st.fixed_dictionaries(
    {}, optional={'stools_24h': st.sampled_from([0, 1, 1.5]), 'systolic_bp': st.just(120), 'weight': st.just(80)}
)


@st.composite
def entries(draw, start: datetime, most: int = 7) -> list[EntryFacts]:
    """Mostly about the symptoms of one rule; an entry often says the same as the one before it."""
    names = draw(st.sampled_from(TOGETHER))
    related = st.sampled_from(names)
    codes = st.lists(st.one_of(related, related, st.sampled_from(sorted(ANSWERS))), max_size=5, unique=True)
    steps = st.sampled_from(draw(st.sampled_from([STEPS, DAILY, DAILY])))
    at, answers, made = start, {}, []
    for index in range(draw(st.integers(1, most))):
        at = at + draw(steps) + draw(st.sampled_from(NUDGES))
        if index == 0 or draw(st.integers(0, 2)) == 0:
            answers = {code: draw(ANSWERS[code]) for code in draw(codes)}
        made.append(EntryFacts(f'e{index}', at, answers, draw(MEASUREMENTS)))
    return made


@st.composite
def patients(draw, zone: str, start: datetime) -> PatientFacts:
    around = st.integers(-40 * 24, 10 * 24).map(lambda hours: start + timedelta(hours=hours))
    near = st.sampled_from([start + step + nudge for step in STEPS for nudge in NUDGES])
    times = st.one_of(around, near)
    doses = st.builds(Dose, st.sampled_from(['car_t', 'checkpoint_inhibitor', 'cytokine']), times)
    spans = st.builds(ContextSpan, st.sampled_from(sorted(CATALOGUE.contexts)), st.none() | times, st.none() | times)
    return PatientFacts(
        ZoneInfo(zone),
        tuple(draw(st.lists(doses, max_size=3))),
        tuple(draw(st.lists(spans, max_size=3))),
        draw(BASELINE),
    )


@st.composite
def cases(draw, most: int = 9) -> tuple[PatientFacts, list[EntryFacts]]:
    """A patient and a timeline that starts up to a week before a day on which her clocks change."""
    zone = draw(st.sampled_from(sorted(CLOCK_CHANGES)))
    change = datetime(*draw(st.sampled_from(CLOCK_CHANGES[zone])), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    start = change - timedelta(hours=draw(st.integers(0, 150)))
    return draw(patients(zone, start)), draw(entries(start, most))


@st.composite
def rescaled(draw, most: int = 9) -> tuple[PatientFacts, list[EntryFacts]]:
    """The same, kept for days, with scales that are changed once, or back and forth, for all symptoms or for some."""
    patient, made = draw(cases(most))
    codes = sorted({code for entry in made for code in entry.answers})
    chosen = draw(st.sampled_from([codes, codes, codes[:1], codes[1:]]))
    once = draw(st.booleans())
    change = draw(st.integers(0, len(made)))
    numbers = [int(index >= change) if once else draw(st.integers(0, 2)) for index in range(len(made))]
    return patient, [
        entry._replace(scales=dict.fromkeys(chosen, number)) for entry, number in zip(made, numbers, strict=True)
    ]
