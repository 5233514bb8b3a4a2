"""What a rule set says of entries that nobody stored, or of a real one. Nothing is written here and nobody is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.engine import Dose, EntryFacts, EntryResult, Explanation, PatientFacts
from alerts.facts import history_of, key
from alerts.models import RuleSet
from alerts.programs import Compiled, compiled
from alerts.queries.rules.in_force import NoPublishedRuleSet, rule_set_for
from diary.models import Revision


@dataclass(frozen=True)
class Tried:
    """The results by entry id, and for the chosen entry why each rule of the set fires or does not."""

    rule_set: RuleSet
    compiled: Compiled
    results: Mapping[str, EntryResult]
    whys: Mapping[str, Explanation]


@dataclass(frozen=True)
class Subject:
    """Who and what is tried: the patient, her entries, the entry that is looked at. `left_out` entries could not be read."""

    patient: PatientFacts
    entries: tuple[EntryFacts, ...]
    chosen: str
    left_out: int = 0

    @property
    def entry(self) -> EntryFacts:
        return next(each for each in self.entries if each.id == self.chosen)

    @property
    def last_dose(self) -> Dose | None:
        given = [dose for dose in self.patient.doses if dose.given_at <= self.entry.at]
        return max(given, key=lambda dose: dose.given_at, default=None)


def try_rules(subject: Subject, rule_set: RuleSet) -> Tried:
    """Raises RuleError where the rules cannot be read with the catalogue of now, FactError for facts that do not fit it."""
    rules = compiled(rule_set)
    run = rules.program
    results = {result.entry_id: result for result in run.evaluate(subject.patient, subject.entries)}
    whys = {rule: run.explain(subject.patient, subject.entries, subject.chosen, rule) for rule in rules.rules.rules}
    return Tried(rule_set, rules, results, whys)


def in_force_beside(rule_set: RuleSet, clinic_id: int) -> RuleSet | None:
    """The rules in force, where they are others than these."""
    try:
        current = rule_set_for(clinic_id)
    except NoPublishedRuleSet:
        return None
    return None if current.pk == rule_set.pk or current.digest == rule_set.digest else current


def real_entry(revision: Revision, *rule_sets: RuleSet) -> Subject | None:
    """A stored entry with as much of its history as these rules can ask about, without what was written in free words.

    None where the entry itself cannot be read.
    """
    at = revision.entry.about_at
    reach = max((compiled(each).program.lookback for each in rule_sets), default=timedelta())
    history = history_of(revision.entry.patient, since=at - reach, until=at)
    patient = history.patient_at(at)
    misfits = {each for one in rule_sets for each in compiled(one).program.misfits(patient, history.entries)}
    history = history.without(misfits)
    if key(revision) in history.unread:
        return None
    first = min(each.at for each in history.entries)
    entries = tuple(map(without_words, history.entries))
    return Subject(that_counts(patient, since=first), entries, key(revision), len(history.unread))


def that_counts(patient: PatientFacts, *, since: datetime) -> PatientFacts:
    """The patient without what no rule can see in an entry at `since` or later: doses before a later one of the same therapy
    that was given by then, and contexts that were over."""
    before = sorted((dose for dose in patient.doses if dose.given_at <= since), key=lambda dose: dose.given_at)
    latest = {dose.therapy: dose for dose in before}
    doses = (*latest.values(), *(dose for dose in patient.doses if dose.given_at > since))
    contexts = tuple(span for span in patient.contexts if span.end is None or span.end >= since)
    return replace(patient, doses=doses, contexts=contexts)


def without_words(entry: EntryFacts) -> EntryFacts:
    """No rule reads free words, so nobody needs to see them where rules are tried."""
    told = {
        code: {name: value for name, value in fields.items() if not isinstance(value, str)}
        for code, fields in entry.answers.items()
    }
    return entry._replace(answers={code: fields for code, fields in told.items() if fields})
