"""What the diary looks for, for patients: by what happens then, without codes, each line with what it rests on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.models import RuleSet
from alerts.pages.rules.content import Plain, content_of, minutes_words
from alerts.pages.rules.content_words import words_for
from alerts.words.titles import title_words
from clinic.models import Clinic

# What a line rests on, shortly; the foot of the page says what each means. Nothing but the lists themselves is a document's words.
RESTS_ON: Mapping[str, Promise] = {
    'seed': gettext_lazy('after a founding page'),
    'recovered': gettext_lazy('after the founding list'),
    'substitute': gettext_lazy('after a stand-in list'),
    'guideline': gettext_lazy('after a guideline'),
    'design': gettext_lazy('our own choice'),
}
MEANS: Mapping[str, Promise] = {
    'seed': gettext_lazy('A cancer center’s page that Vigil was built on says it.'),
    'recovered': gettext_lazy('It is on the first of the two lists below. We set the limits.'),
    'substitute': gettext_lazy('The first list of allergic signs was lost. This comes from another publisher’s list.'),
    'guideline': gettext_lazy('A guideline for doctors, a drug label or a study says it.'),
    'design': gettext_lazy('Vigil or your clinic chose it. No document says just this.'),
}


@dataclass(frozen=True)
class Line:
    """One thing that is looked for, and what it rests on."""

    words: str
    rests_on: str


@dataclass(frozen=True)
class Chosen:
    """Something that the clinic does otherwise than usual: the usual words, what holds now (may be empty), and why."""

    usual: str
    then: str
    now: str
    why: str


@dataclass(frozen=True)
class Part:
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Step:
    """One tier: what the diary says then, what happens, what leads to it."""

    tier: str
    title: str
    happens: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class LookFor:
    steps: tuple[Step, ...]
    chosen: tuple[Chosen, ...]
    means: tuple[tuple[str, str], ...]


def look_for(rule_set: RuleSet, clinic: Clinic) -> LookFor:
    """Raises RuleError where the rules cannot be read."""
    content = content_of(rule_set)
    steps = tuple(
        Step(
            each.tier,
            _title(each.tier, clinic),
            _happens(each.tier, rule_set, clinic),
            tuple(Part(area.name, tuple(map(_line, area.rules))) for area in each.areas),
        )
        for each in content.tiers
    )
    everything = [rule for each in content.tiers for area in each.areas for rule in area.rules]
    used = dict.fromkeys(rule.rule.basis.value for rule in everything)
    means = tuple((str(RESTS_ON[basis]), str(MEANS[basis])) for basis in RESTS_ON if basis in used)
    return LookFor(steps, tuple(_chosen([*everything, *content.apart], clinic)), means)


def _line(plain: Plain) -> Line:
    return Line(words_for(plain.rule) or _plainly(plain), str(RESTS_ON[plain.rule.basis]))


def _plainly(plain: Plain) -> str:
    """A rule of the clinic's own has no words of ours: what it looks for, as the rule says it."""
    what = plain.looks_for
    return what[:1].upper() + what[1:]


def _chosen(rules: Iterable[Plain], clinic: Clinic) -> Iterable[Chosen]:
    """Everything that the shared rules look for and this clinic does not, or not as they do."""
    for plain in rules:
        changed = plain.changed
        if changed is None or changed.before is None:
            continue
        usual = words_for(changed.before) or title_words(changed.before.id, changed.before.title)
        now = _line(plain).words if plain.in_force and changed.before != plain.rule else ''
        # Only the reason of a rule set aside was typed to be shown to patients; any other word was for colleagues.
        why = changed.why if changed.kind == 'set_aside' else ''
        yield Chosen(usual, _title(changed.before.tier.word, clinic), now, why)


def _title(tier: str, clinic: Clinic) -> str:
    return {
        'emergency': _('Call %(number)s now') % {'number': clinic.emergency_number},
        'urgent': _('Phone your team now'),
        'same_day': _('Your team looks at it today'),
        'monitor': _('Look after yourself'),
    }[tier]


def _happens(tier: str, rule_set: RuleSet, clinic: Clinic) -> tuple[str, ...]:
    """What happens then, in short sentences. The minutes are those of the rules."""
    minutes = int(rule_set.content['acknowledge_within_minutes'].get(tier, 0))
    soon = {'n': minutes_words(minutes) if minutes else '', 'number': clinic.emergency_number}
    return {
        'emergency': (
            _('The diary tells you to call %(number)s at once. Do not wait for us.') % soon,
            _('The people on call get a message, too. They should look within %(n)s.') % soon,
        ),
        'urgent': (
            _('The diary tells you to phone, and shows the number.'),
            _('The people on call get a message. They should look within %(n)s.') % soon,
        ),
        'same_day': (
            _('You do not have to phone. Your team should look within %(n)s while the clinic is open.') % soon,
            _('If it gets worse, phone.'),
        ),
        'monitor': (
            _('These are common. Nobody gets a message.'),
            _('If it gets worse, tell the diary or phone.'),
        ),
    }[tier]
