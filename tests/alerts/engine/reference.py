"""The slow, obviously right evaluator: the rule language's table read word by word, on the plain data of rules.yaml.

It shares nothing with the compiled engine but the facts that go in: no parser, no nodes, no exact-number helpers.
Every question is asked anew of the whole history, so its cost grows with the square of the entries.
"""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from alerts.engine import EntryFacts, PatientFacts

TIERS = ['none', 'monitor', 'same_day', 'urgent', 'emergency']
NOT_HELD = None  # a condition answers None, or the set of symptoms that it names


def evaluate(content: dict, catalogue: dict, patient: PatientFacts, entries: list[EntryFacts]) -> list[tuple]:
    """(entry id, highest tier, {rule: symptoms}) for every entry in the order of time."""
    history = History(content, catalogue, patient, entries)
    answers = []
    for entry in history.entries:
        fired = {rule: names for rule in content['rules'] if (names := history.fires(rule, entry)) is not None}
        tier = max((content['rules'][rule]['tier'] for rule in fired), key=TIERS.index, default='none')
        answers.append((entry.id, tier, fired))
    return answers


def exactly(value) -> Fraction:
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


class History:
    def __init__(self, content, catalogue, patient, entries):
        self.content, self.catalogue, self.patient = content, catalogue, patient
        self.entries = sorted(entries, key=lambda entry: (entry.at.astimezone(UTC), entry.id))
        self.asking = None  # the entry on whose behalf earlier ones are asked whether something lasts

    def fires(self, rule, entry):
        return self.holds(self.content['rules'][rule]['when'], entry)

    def holds(self, condition, entry):
        if isinstance(condition, str):
            return self.holds(self.content['macros'][condition], entry)
        for word in condition:
            if hasattr(self, f'word_{word}'):
                return getattr(self, f'word_{word}')(condition, entry)
        raise AssertionError(condition)

    # -- what an entry says -----------------------------------------------------------------------------

    def value(self, entry, symptom, field):
        return entry.answers.get(symptom, {}).get(field)

    def severity(self, entry, symptom):
        return self.value(entry, symptom, 'severity') or 0

    def scale(self, entry, symptom):
        answered = self.value(entry, symptom, 'severity') is not None
        return entry.scales.get(symptom, 0) if answered else None

    def latest_scale(self, entry, symptom):
        if self.scale(entry, symptom) is not None:
            return self.scale(entry, symptom)
        at = entry.at.astimezone(UTC)
        known = [self.scale(each, symptom) for each in self.entries if each.at.astimezone(UTC) <= at]
        return [scale for scale in known if scale is not None][-1]

    def counts(self, entry, symptom):
        """Its severity of that symptom, for the entry that asks."""
        scale = self.scale(entry, symptom)
        return self.asking is None or scale is None or scale == self.latest_scale(self.asking, symptom)

    @contextmanager
    def behalf(self, entry):
        before, self.asking = self.asking, entry
        yield
        self.asking = before

    def reported(self, entry, symptom):
        for field, value in entry.answers.get(symptom, {}).items():
            kind = self.catalogue['symptoms'][symptom]['answers'][field]
            if kind is True and value is True:
                return True
            if field == 'severity' and value >= 1:
                return True
            if str(kind).startswith('count') and exactly(value) >= 1:
                return True
            if symptom == 'FEVER' and field == 'celsius' and exactly(value) >= 38:
                return True
        return False

    def previous(self, entry):
        week = timedelta(hours=168)
        at = entry.at.astimezone(UTC)
        earlier = [each for each in self.entries if each.at.astimezone(UTC) < at]
        return earlier[-1] if earlier and at - earlier[-1].at.astimezone(UTC) <= week else None

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.patient.time_zone).date()

    def not_later(self, entry, days_back):
        day = self.local_day(entry.at) - timedelta(days=days_back)
        at = entry.at.astimezone(UTC)
        return [each for each in self.entries if self.local_day(each.at) == day and each.at.astimezone(UTC) <= at]

    # -- the words --------------------------------------------------------------------------------------

    def word_any(self, condition, entry):
        held = [names for child in condition['any'] if (names := self.holds(child, entry)) is not None]
        return set().union(*held) if held else NOT_HELD

    def word_all(self, condition, entry):
        held = [self.holds(child, entry) for child in condition['all']]
        return NOT_HELD if None in held else set().union(*held)

    def word_symptom(self, condition, entry):
        symptom = condition['symptom']
        if 'field' not in condition:
            value = self.value(entry, symptom, 'severity')
            held = value is not None and value >= condition['gte'] and self.counts(entry, symptom)
        else:
            value = self.value(entry, symptom, condition['field'])
            if 'gte' in condition:
                held = value is not None and exactly(value) >= exactly(condition['gte'])
            elif 'over_baseline_gte' in condition:
                usual = exactly(self.patient.baseline.get(condition['field'], 0))
                held = value is not None and exactly(value) - usual >= exactly(condition['over_baseline_gte'])
            else:
                held = value is True
        return {symptom} if held else NOT_HELD

    def word_reported_any(self, condition, entry):
        return {symptom for symptom in condition['reported_any'] if self.reported(entry, symptom)} or NOT_HELD

    def word_new_any(self, condition, entry):
        previous = self.previous(entry)
        now = {symptom for symptom in condition['new_any'] if self.reported(entry, symptom)}
        then = {symptom for symptom in condition['new_any'] if previous and self.reported(previous, symptom)}
        return now - then or NOT_HELD

    def worse(self, entry, symptoms, by):
        previous = self.previous(entry)
        if previous is None:
            return NOT_HELD
        both = {s for s in symptoms if None not in (self.scale(entry, s), self.scale(previous, s))}
        symptoms = [s for s in symptoms if s not in both or self.scale(entry, s) == self.scale(previous, s)]
        symptoms = [s for s in symptoms if self.counts(entry, s)]
        levels = {s: self.severity(entry, s) - self.severity(previous, s) for s in symptoms}
        return {symptom for symptom, more in levels.items() if more >= by} or NOT_HELD

    def word_worsened(self, condition, entry):
        return self.worse(entry, [condition['worsened']], condition['by'])

    def word_any_worsened_by(self, condition, entry):
        return self.worse(entry, self.catalogue['symptoms'], condition['any_worsened_by'])

    def word_any_severity_gte(self, condition, entry):
        level = condition['any_severity_gte']
        return {s for s in entry.answers if self.severity(entry, s) >= level and self.counts(entry, s)} or NOT_HELD

    def word_persists(self, condition, entry):
        with self.behalf(self.asking or entry):
            return self.lasts(condition['persists'], entry)

    def lasts(self, asked, entry):
        today = None
        for back in range(asked['days']):
            counting = []
            for each in self.not_later(entry, back):
                held = [names for test in asked['of'] if (names := self.holds(test, each)) is not None]
                if len(held) >= asked['at_least']:
                    counting.append(set().union(*held))
            if not counting:
                return NOT_HELD
            today = set().union(*counting) if back == 0 else today
        return today

    def word_persists_any_severity(self, condition, entry):
        asked = condition['persists_any_severity']
        level = {'any_severity_gte': asked['gte']}
        with self.behalf(self.asking or entry):
            days = [
                set().union(*(self.word_any_severity_gte(level, each) or () for each in self.not_later(entry, back)))
                for back in range(asked['days'])
            ]
        return set.intersection(*days) or NOT_HELD

    def word_hours_since_dose(self, condition, entry):
        at = entry.at.astimezone(UTC)
        given = [dose.given_at.astimezone(UTC) for dose in self.patient.doses]
        before = [moment for moment in given if moment <= at]
        limit = Fraction(condition['hours_since_dose']['lte']) * 3600
        since = (at - max(before)) // timedelta(microseconds=1) if before else None
        return set() if since is not None and Fraction(since, 10**6) <= limit else NOT_HELD

    def word_therapy(self, condition, entry):
        at = entry.at.astimezone(UTC)
        given = [dose.given_at for dose in self.patient.doses if dose.therapy == condition['therapy']]
        before = [moment for moment in given if moment.astimezone(UTC) <= at]
        if not before:
            return NOT_HELD
        latest = max(before, key=lambda moment: moment.astimezone(UTC))
        days = (self.local_day(entry.at) - self.local_day(latest)).days
        return set() if condition['day_gte'] <= days <= condition['day_lte'] else NOT_HELD

    def word_context(self, condition, entry):
        at = entry.at.astimezone(UTC)
        for span in self.patient.contexts:
            started = span.start is None or span.start.astimezone(UTC) <= at
            lasts = span.end is None or at <= span.end.astimezone(UTC)
            if span.context == condition['context'] and started and lasts:
                return set()
        return NOT_HELD

    def word_measure(self, condition, entry):
        value, usual = entry.measurements.get(condition['measure']), self.patient.baseline.get(condition['measure'])
        if value is None:
            return NOT_HELD
        if 'lt' in condition:
            return set() if exactly(value) < exactly(condition['lt']) else NOT_HELD
        if usual is None:
            return NOT_HELD
        down = (exactly(usual) - exactly(value)) / exactly(usual) * 100
        if 'drop_percent_gt' in condition:
            return set() if down > exactly(condition['drop_percent_gt']) else NOT_HELD
        return set() if abs(down) >= exactly(condition['change_percent_gte']) else NOT_HELD

    def word_allergic_signs_gte(self, condition, entry):
        signs = [code for code, symptom in self.catalogue['symptoms'].items() if symptom.get('allergic')]
        found = {symptom for symptom in signs if self.reported(entry, symptom)}
        return found if len(found) >= condition['allergic_signs_gte'] else NOT_HELD

    def word_same_day_findings_24h_gte(self, condition, entry):
        at = entry.at.astimezone(UTC)
        found = set()
        for each in self.entries:
            ago = at - each.at.astimezone(UTC)
            if each.id == entry.id or timedelta(0) < ago <= timedelta(hours=24):
                with self.behalf(None):
                    for rule in self.same_day_rules():
                        found |= self.fires(rule, each) or set()
        return found if len(found) >= condition['same_day_findings_24h_gte'] else NOT_HELD

    def same_day_rules(self):
        rules = self.content['rules']
        return [r for r in rules if rules[r]['tier'] == 'same_day' and not self.counts_findings(rules[r]['when'])]

    def counts_findings(self, condition):
        if isinstance(condition, str) and condition in self.content['macros']:
            return self.counts_findings(self.content['macros'][condition])
        if isinstance(condition, dict):
            return 'same_day_findings_24h_gte' in condition or any(map(self.counts_findings, condition.values()))
        return isinstance(condition, list) and any(map(self.counts_findings, condition))
