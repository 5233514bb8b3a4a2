"""What an admin reads who tries a rule set out: the advice, every rule with its conditions, the rules in force beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from alerts.engine import EntryFacts, PhraseBook, Rule, describe_rule
from alerts.engine.nearness import missing, touched
from alerts.pages.rules.try_it_tree import Condition, tree
from alerts.people.promise import promised
from alerts.people.watch import hours_of, watch_of
from alerts.services.advice import Advice
from alerts.services.rules.try_it import Subject, Tried
from alerts.words.advice import AdviceWords, words_for
from alerts.words.answers import told
from alerts.words.books import book_for
from alerts.words.reasons import Fired, Reason, reasons
from clinic.models import Clinic
from diary.answers import Units
from diary.catalogue import CatalogueView

NEAREST = 8  # rules that did not fire, shown before the rest


@dataclass(frozen=True)
class Ruling:
    """One rule: whether it fires, and its tree. `short` single conditions are missing.

    `other` says how the rules in force differ about it, in words, with their tree; empty where they do not.
    """

    rule: Rule
    sentence: str
    fires: bool
    short: int
    touched: bool
    tree: Condition
    reason: Reason | None = None
    other: str = ''
    other_tree: Condition | None = None

    @property
    def tier(self) -> str:
        return self.rule.tier.word


@dataclass(frozen=True)
class Entry:
    """One entry in a list: `tier` is what the rules say of it, `tier_in_force` what those in force say, where that is another."""

    id: str
    at: datetime
    words: str
    tier: str = ''
    rules: tuple[str, ...] = ()
    tier_in_force: str = ''


@dataclass(frozen=True)
class Verdict:
    """The whole answer about the chosen entry. `rest` are the rules that are further away than the nearest."""

    entry: Entry
    entries: tuple[Entry, ...]
    advice: AdviceWords
    fired: tuple[Ruling, ...]
    nearest: tuple[Ruling, ...]
    rest: tuple[Ruling, ...]
    only_in_force: tuple[Ruling, ...]
    in_force: str
    left_out: int

    @property
    def differing(self) -> list[Ruling]:
        return [each for each in (*self.fired, *self.nearest, *self.rest) if each.other]


def verdict(
    subject: Subject, here: Tried, in_force: Tried | None, *, clinic: Clinic, catalogue: CatalogueView
) -> Verdict:
    """Every time is the entry's own: the advice is worded as it would have been read then."""
    rulings = _rulings(here, subject, in_force, catalogue)
    missed = sorted((each for each in rulings if not each.fires), key=_nearness)
    entries = tuple(_entry(each, here, in_force, catalogue, clinic) for each in _by_time(subject.entries))
    return Verdict(
        entry=next(each for each in entries if each.id == subject.chosen),
        entries=entries,
        advice=_advice(subject, here, clinic),
        fired=tuple(sorted((each for each in rulings if each.fires), key=lambda each: (-each.rule.tier, each.rule.id))),
        nearest=tuple(missed[:NEAREST]),
        rest=tuple(missed[NEAREST:]),
        only_in_force=tuple(_gone(here, in_force)) if in_force else (),
        in_force=str(in_force.rule_set) if in_force else '',
        left_out=subject.left_out,
    )


def _nearness(ruling: Ruling) -> tuple[int, bool, int, str]:
    """The fewer single conditions are missing the nearer; then those that found something to look at, then the worse tier."""
    return ruling.short, not ruling.touched, -ruling.rule.tier, ruling.rule.id


def _rulings(here: Tried, subject: Subject, in_force: Tried | None, catalogue: CatalogueView) -> list[Ruling]:
    rules = here.compiled.rules.rules
    fired = [Fired(rules[rule], why.as_json()) for rule, why in here.whys.items() if why.held]
    said = {reason.rule: reason for reason in reasons(fired, catalogue)}
    book = book_for(here.compiled.rules.catalogue)
    return [_ruling(here, rule, said.get(rule), book, in_force) for rule in rules]


def _ruling(
    tried: Tried, rule_id: str, reason: Reason | None, book: PhraseBook, in_force: Tried | None = None
) -> Ruling:
    rule, why = tried.compiled.rules.rules[rule_id], tried.whys[rule_id]
    other, other_tree = _other(rule_id, why.held, rule, book, in_force) if in_force else ('', None)
    return Ruling(
        rule=rule,
        sentence=describe_rule(rule, book),
        fires=why.held,
        short=missing(why),
        touched=touched(why),
        tree=tree(rule.when, why, book),
        reason=reason,
        other=other,
        other_tree=other_tree,
    )


def _other(rule_id: str, fires: bool, rule: Rule, book: PhraseBook, in_force: Tried) -> tuple[str, Condition | None]:
    """How the rules in force differ about one rule, for this entry."""
    theirs = in_force.compiled.rules.rules.get(rule_id)
    if theirs is None:
        return (_('In force: there is no such rule'), None) if fires else ('', None)
    why = in_force.whys[rule_id]
    if why.held == fires and theirs.tier == rule.tier:
        return '', None
    words = _('In force: would fire') if why.held else _('In force: would not fire')
    if why.held and theirs.tier != rule.tier:
        words = _('In force: would fire as another tier, %(tier)s') % {'tier': theirs.tier.word.replace('_', ' ')}
    if not why.held and not fires:  # of another tier, but it makes no difference here
        return '', None
    return words, tree(theirs.when, why, book)


def _gone(here: Tried, in_force: Tried) -> Iterable[Ruling]:
    """Rules that fire under the rules in force and that this set does not have at all."""
    book = book_for(in_force.compiled.rules.catalogue)
    for rule, why in sorted(in_force.whys.items()):
        if why.held and rule not in here.compiled.rules.rules:
            yield _ruling(in_force, rule, None, book)


# -- the advice ------------------------------------------------------------------------------------------------------------


def _advice(subject: Subject, here: Tried, clinic: Clinic) -> AdviceWords:
    entry, result = subject.entry, here.results[subject.chosen]
    fired = [(flag.rule_id, flag.tier) for flag in result.flags]
    rules = here.compiled.rules
    due = promised(fired, rules, since=entry.at, hours=hours_of(clinic), zone=clinic.zone)
    dose = subject.last_dose
    advice = Advice(
        result.tier.word,
        watch_of(clinic, now=entry.at),
        seen_by=due,
        last_dose=dose.given_at if dose else None,
    )
    return words_for(advice, now=entry.at, zone=clinic.zone)


# -- entries ---------------------------------------------------------------------------------------------------------------


def _by_time(entries: Iterable[EntryFacts]) -> list[EntryFacts]:
    return sorted(entries, key=lambda each: (each.at, each.id))


def _entry(entry: EntryFacts, here: Tried, in_force: Tried | None, catalogue: CatalogueView, clinic: Clinic) -> Entry:
    result = here.results[entry.id]
    theirs = in_force.results[entry.id].tier if in_force else result.tier
    return Entry(
        entry.id,
        entry.at,
        in_words(entry, catalogue, units_at(clinic)),
        result.tier.word,
        tuple(result.rule_ids),
        theirs.word if theirs != result.tier else '',
    )


def listed(entries: Iterable[EntryFacts], catalogue: CatalogueView, clinic: Clinic) -> list[Entry]:
    """The entries in the order of time, in words, before any rule was asked."""
    return [Entry(each.id, each.at, in_words(each, catalogue, units_at(clinic))) for each in _by_time(entries)]


def in_words(entry: EntryFacts, catalogue: CatalogueView, units: Units) -> str:
    """Such as “fever 38.6 °C, moderate · weight 80 kg”."""
    return ' · '.join(one.brief for one in told(document_of(entry, catalogue), catalogue, units)) or _('nothing new')


def document_of(entry: EntryFacts, catalogue: CatalogueView) -> dict[str, Any]:
    """The facts as the diary stores an entry, in the words of now."""
    answers: Mapping[str, Mapping[str, Any]] = entry.answers
    return {
        'answers': {
            code: {'version': catalogue.symptom(code).number, 'values': dict(values)}
            for code, values in answers.items()
        },
        'measurements': {code: {'value': value} for code, value in entry.measurements.items()},
    }


def units_at(clinic: Clinic) -> Units:
    return Units(temperature=clinic.temperature_unit)
