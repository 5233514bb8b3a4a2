"""What each rule of a clinic looks for, in plain words: for its staff, with everything that stands behind it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.engine import Catalogue, MissedRule, PhraseBook, Rule, describe, nodes
from alerts.engine import RuleSet as Rules
from alerts.engine.changes import NumberChange
from alerts.engine.naming import may_name
from alerts.engine.scope import therapy_of
from alerts.engine.tiers import Basis, Tier
from alerts.models import RuleSet, TierChoice
from alerts.pages.rules.content_changes import (
    AnyRule,
    Changed,
    Version,
    changes_of,
    find_rule,
    history_of,
    number_changes,
    sentence_of,
)
from alerts.pages.rules.content_words import words_for
from alerts.programs import compiled
from alerts.queries.rules.in_force import published_default
from alerts.triage import Script, scripts_for
from alerts.words.books import book_for, reading_language
from alerts.words.reasons import BASIS, Cited, cited_of
from clinic.models import Clinic
from diary.catalogue import CatalogueView, current_catalogue

TIERS = (Tier.EMERGENCY, Tier.URGENT, Tier.SAME_DAY, Tier.MONITOR)


@dataclass(frozen=True)
class Plain:
    """One rule with all that stands behind it. `minutes` to answer in; None where it makes no alert."""

    rule: AnyRule
    sentence: str
    looks_for: str
    area: str
    cited: tuple[Cited, ...]
    minutes: int | None
    scripts: tuple[Script, ...]
    changed: Changed | None
    in_force: bool = True

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def tier(self) -> str:
        return self.rule.tier.word

    @property
    def words(self) -> str:
        """Our plain words for it; empty where the clinic made it say something else."""
        return words_for(self.rule)

    @property
    def basis_label(self) -> str:
        return str(BASIS[self.rule.basis])

    @property
    def is_substitute(self) -> bool:
        return self.rule.basis is Basis.SUBSTITUTE or any(each.kind == Basis.SUBSTITUTE for each in self.cited)

    @property
    def deadline(self) -> str:
        return deadline_words(self.rule.tier, self.minutes)


@dataclass(frozen=True)
class Area:
    """A part of the body, a therapy or another heading, and the rules under it."""

    name: str
    rules: tuple[Plain, ...]


@dataclass(frozen=True)
class TierOf:
    tier: str
    label: str
    deadline: str
    areas: tuple[Area, ...]

    @property
    def count(self) -> int:
        return sum(len(area.rules) for area in self.areas)


@dataclass(frozen=True)
class Content:
    """All rules in force, by tier and area. `apart` are those of the shared rules that the clinic does not have."""

    rule_set: RuleSet
    tiers: tuple[TierOf, ...]
    apart: tuple[Plain, ...]
    numbers: tuple[NumberChange, ...]


@dataclass(frozen=True)
class RulePage:
    """One rule as it is now (or as it last was), and how it read in every version."""

    plain: Plain | None
    title: str
    history: tuple[Version, ...]


def content_of(rule_set: RuleSet) -> Content:
    """Raises RuleError where the rules cannot be read with the catalogue of now."""
    rules, catalogue = compiled(rule_set).rules, current_catalogue()
    changes = changes_of(rule_set)
    found: dict[str, AnyRule] = {**rules.rules, **rules.missed}
    gone = [change.before for rule, change in changes.items() if change.before is not None and rule not in found]
    cited = cited_of({code for rule in [*found.values(), *gone] for code in rule.cites})
    book = book_for(rules.catalogue)
    plain = [_plain(rule, rules, book, catalogue, cited, changes.get(rule.id)) for rule in found.values()]
    apart = tuple(
        _plain(rule, _shared(rule_set), book, catalogue, cited, changes[rule.id], in_force=False) for rule in gone
    )
    return Content(rule_set, tuple(_tiers(plain, rules)), apart, number_changes(rule_set))


def rule_page(rule_id: str, rule_set: RuleSet, clinic: Clinic) -> RulePage | None:
    """None where no version of the clinic's rules ever had it."""
    history = tuple(history_of(rule_id, clinic))
    rules = compiled(rule_set).rules
    rule, in_force = find_rule(rules, rule_id), True
    if rule is None:  # left out: as the shared rules have it
        rules, in_force = _shared(rule_set), False
        rule = find_rule(rules, rule_id)
    if rule is None:
        return RulePage(None, history[0].title or history[-1].title, history) if history else None
    cited = cited_of(set(rule.cites))
    changed = changes_of(rule_set).get(rule_id)
    book = book_for(rules.catalogue)
    plain = _plain(rule, rules, book, current_catalogue(), cited, changed, in_force=in_force)
    return RulePage(plain, rule.title, history)


def _shared(rule_set: RuleSet) -> Rules:
    return compiled(rule_set.default or published_default()).rules


def _plain(
    rule: AnyRule,
    rules: Rules,
    book: PhraseBook,
    catalogue: CatalogueView,
    cited: Mapping[str, Cited],
    changed: Changed | None,
    *,
    in_force: bool = True,
) -> Plain:
    return Plain(
        rule,
        sentence_of(rule, book),
        describe(rule.when, book) if isinstance(rule, Rule) else sentence_of(rule, book).rstrip('.'),
        area_of(rule, book.catalogue, catalogue),
        tuple(cited[code] for code in rule.cites if code in cited),
        rules.acknowledge_within(rule.id),
        tuple(scripts_for([rule.id], reading_language())),
        changed,
        in_force,
    )


def _tiers(plain: Iterable[Plain], rules: Rules) -> Iterable[TierOf]:
    by_tier: dict[Tier, dict[str, list[Plain]]] = {tier: {} for tier in TIERS}
    for each in plain:
        by_tier[each.rule.tier].setdefault(each.area, []).append(each)
    for tier, areas in by_tier.items():
        if areas:
            label = str(TierChoice(tier.word).label)
            deadline = deadline_words(tier, rules.acknowledge_within_minutes.get(tier))
            shown = tuple(Area(name, tuple(found)) for name, found in sorted(areas.items(), key=_place))
            yield TierOf(tier.word, label, deadline, shown)


def _place(area: tuple[str, list[Plain]]) -> int:
    """One part of the body comes first, then what is about several, about anything, about a time or a therapy."""
    last = (_('More than one part of the body'), _('Any symptom'), _('What is measured'), _('Soon after a dose'))
    name, rules = area
    if name in last:
        return 1 + last.index(name)
    return 9 if any(_about_therapy(each.rule) or isinstance(each.rule, MissedRule) for each in rules) else 0


# -- words -----------------------------------------------------------------------------------------------------------------


def deadline_words(tier: Tier, minutes: int | None) -> str:
    """By when a person must have looked."""
    if minutes is None:
        return _('no alert: advice only')
    if tier is Tier.SAME_DAY:
        return _('to be seen within %(n)s while the clinic is open') % {'n': minutes_words(minutes)}
    return _('to be seen within %(n)s, day and night') % {'n': minutes_words(minutes)}


def minutes_words(minutes: int) -> str:
    """“45 minutes”, “1 hour”, “4 hours”."""
    if minutes % 60 == 0:
        return ngettext('%(n)d hour', '%(n)d hours', minutes // 60) % {'n': minutes // 60}
    return ngettext('%(n)d minute', '%(n)d minutes', minutes) % {'n': minutes}


def area_of(rule: AnyRule, catalogue: Catalogue, words: CatalogueView) -> str:
    """Under which heading a rule stands: its therapy, the time after a dose, or the part of the body that most of it is about."""
    if isinstance(rule, MissedRule):
        return _('The diary itself')
    if therapy := _about_therapy(rule):
        return catalogue.therapies[therapy].name
    return _('Soon after a dose') if _after_dose(rule) else _body(rule, words)


def _about_therapy(rule: AnyRule) -> str | None:
    """The therapy that a rule is for, as a whole or by the days after it; None where it names none, or several."""
    if isinstance(rule, MissedRule):
        return None
    therapies = {node.therapy for node in nodes.walk(rule.when) if isinstance(node, nodes.TherapyDay)}
    return therapy_of(rule) or (next(iter(therapies)) if len(therapies) == 1 else None)


def _after_dose(rule: Rule) -> bool:
    """Whether nothing but the time after a dose makes it fire: a condition of the whole rule, not of one branch."""
    when = rule.when
    parts = when.children if isinstance(when, nodes.All) else (when,)
    return any(isinstance(_bare(part), nodes.HoursSinceDose) for part in parts)


def _bare(node: nodes.Node) -> nodes.Node:
    return _bare(node.when) if isinstance(node, nodes.Macro) else node


def _body(rule: Rule, words: CatalogueView) -> str:
    named = may_name(rule.when)
    if named is None or any(isinstance(node, _ANYTHING) for node in nodes.walk(rule.when)):
        return _('Any symptom')
    if not named:
        return _('What is measured')
    groups = Counter(words.symptoms[code].group for code in sorted(named) if code in words.symptoms)
    group, uses = groups.most_common(1)[0]
    return group if uses * 2 >= sum(groups.values()) else _('More than one part of the body')


_ANYTHING = nodes.AnySeverity | nodes.AnyWorsened | nodes.PersistsAnySeverity | nodes.SameDayFindings
