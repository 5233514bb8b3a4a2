"""Every flag explains itself: the rule, what it cites and on what basis, and the answers that met it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from alerts.engine import PhraseBook, Rule, describe_rule
from alerts.models import Citation, Flag, RuleSet, TierChoice
from alerts.programs import Compiled, compiled
from alerts.unread import is_unread
from alerts.words.books import book_for
from alerts.words.evidence import Line, Names, lines
from diary.catalogue import CatalogueView
from diary.models import Therapy, treatment_name

# What stands behind a rule. A substitute is always called one; nothing else may pass for the founding documents' words.
BASIS = {
    'seed': _('Founding list'),
    'recovered': _('Founding list, read again on the publisher’s page'),
    'substitute': _('Substitute: the founding list was lost'),
    'guideline': _('Guideline'),
    'design': _('Our own choice'),
}


@dataclass(frozen=True)
class Cited:
    """One sentence and where it stands; `sentence` is empty where a document is cited whole."""

    sentence: str
    document: str
    publisher: str
    page: str
    kind: str
    kind_label: str
    code: str


@dataclass(frozen=True)
class Reason:
    """One rule that fired for one entry; `left_out` entries in its reach could not be read, so it fired without them.

    Of a stored flag, `says` is the rule's own sentence in the version that made it fire, and `rule_set` is that version.
    """

    rule: str
    tier: str
    title: str
    basis: str
    cited: tuple[Cited, ...]
    evidence: tuple[Line, ...]
    left_out: int = 0
    says: str = ''
    rule_set: RuleSet | None = None

    @property
    def basis_label(self) -> str:
        return str(BASIS[self.basis])

    @property
    def is_substitute(self) -> bool:
        return self.basis == 'substitute'


@dataclass(frozen=True)
class Fired:
    """A rule that fired, and the engine's explanation of it; of a stored flag also the rule set in whose words it fired."""

    rule: Rule
    evidence: Mapping[str, Any]
    says: str = ''
    rule_set: RuleSet | None = None


def reasons(fired: Iterable[Fired], catalogue: CatalogueView) -> list[Reason]:
    """The worst tier first, then by rule. Two queries."""
    fired = sorted(fired, key=lambda one: (-one.rule.tier, one.rule.id))
    cited = cited_of({code for one in fired for code in one.rule.cites})
    names = names_of(catalogue)
    return [
        Reason(
            one.rule.id,
            one.rule.tier.word,
            one.rule.title,
            one.rule.basis.value,
            tuple(cited[code] for code in one.rule.cites if code in cited),
            lines(one.evidence, names),
            len(one.evidence.get('left_out', ())),
            one.says,
            one.rule_set,
        )
        for one in fired
    ]


def of_flags(flags: Iterable[Flag], catalogue: CatalogueView) -> list[Reason]:
    """The reasons of stored flags under the rules that raised them; each rule once, by its latest evidence.

    That an entry could not be checked comes first: everything else was found without it.
    """
    latest = {flag.rule: flag for flag in sorted(flags, key=lambda flag: flag.pk)}
    unread = [_unread(flag) for flag in latest.values() if is_unread(flag)]
    by_rules = [flag for flag in latest.values() if not is_unread(flag)]
    used = {flag.evaluation.rule_set for flag in by_rules}
    programs: dict[int | None, Compiled] = {
        rule_set.pk: compiled(rule_set) for rule_set in used if rule_set is not None
    }
    books = {pk: book_for(program.rules.catalogue) for pk, program in programs.items()}
    sets = ((flag, flag.evaluation.rule_set_id) for flag in by_rules)
    fired = (_fired(flag, programs[pk], books[pk]) for flag, pk in sets)
    return [*unread, *reasons(fired, catalogue)]


def _fired(flag: Flag, program: Compiled, book: PhraseBook) -> Fired:
    """In the words of the version that raised the flag, whatever is in force today."""
    rule = program.rules.rules[flag.rule]
    return Fired(rule, flag.evidence, describe_rule(rule, book), flag.evaluation.rule_set)


def _unread(flag: Flag) -> Reason:
    """In no rule set: that a person must read what no rule could is our own choice."""
    return Reason(flag.rule, flag.tier, str(_(flag.title)), 'design', (), ())


def names_of(catalogue: CatalogueView) -> Names:
    return Names(
        {code: spec.name for code, spec in catalogue.symptoms.items()},
        {code: spec.name for code, spec in catalogue.measurements.items()},
        {code: treatment_name(name) for code, name in Therapy.objects.values_list('code', 'name')},
        catalogue.scales,
    )


def worst(tiers: Iterable[str]) -> str:
    """The most pressing of some tiers; none for none."""
    return min(tiers, key=by_tier, default=TierChoice.NONE.value)


def by_tier(tier: str) -> int:
    """0 for emergency, counting up as things get calmer."""
    return TierChoice.values.index(tier)


def cited_of(codes: set[str]) -> dict[str, Cited]:
    """The sentences behind these codes, with the documents that they stand in. One query."""
    rows = Citation.objects.filter(code__in=codes).select_related('document')
    return {
        row.code: Cited(
            row.text,
            row.document.title,
            row.document.publisher,
            row.document.page,
            row.document.kind,
            row.document.get_kind_display(),
            row.code,
        )
        for row in rows
    }
