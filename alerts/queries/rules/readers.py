"""Which rules of the sets in use read a symptom: what whoever retires it has to see first."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from alerts.engine import Catalogue, PhraseBook, Rule, RuleError, describe_rule
from alerts.engine.reading import names, sweeps
from alerts.models import RuleSet, RuleSetStatus
from alerts.services.rules.checking import as_they_were
from alerts.words.books import book_for
from alerts.words.titles import title_words
from diary.catalogue import engine_mapping

IN_USE = (RuleSetStatus.PUBLISHED, RuleSetStatus.IN_REVIEW, RuleSetStatus.DRAFT)


def readers_of(code: str) -> list[str]:
    """A line for each rule that asks for the symptom, then for each that looks at every symptom; what is in force stands first."""
    catalogue = Catalogue.parse(engine_mapping())
    found = RuleSet.objects.filter(status__in=IN_USE).select_related('clinic')
    sets = sorted(found, key=lambda one: (IN_USE.index(RuleSetStatus(one.status)), one.clinic_id or 0, one.version))
    book = book_for(catalogue)
    return [line for rule_set in sets for line in _lines(rule_set, code, book)]


def _lines(rule_set: RuleSet, code: str, book: PhraseBook) -> Iterator[str]:
    place = {
        'whose': rule_set.clinic.name if rule_set.clinic else _('all clinics'),
        'version': rule_set.version,
        'status': rule_set.get_status_display(),
    }
    where = _('Rules of %(whose)s, version %(version)s (%(status)s)') % place
    try:
        rules = as_they_were(rule_set.content, book.catalogue)
    except RuleError:
        yield _('%(where)s: cannot be read; look at them by hand') % {'where': where}
        return
    for rule in rules.rules.values():
        if said := _said(rule, code, book):
            yield f'{where}: {rule.id} {title_words(rule.id, rule.title)}. {said}'


def _said(rule: Rule, code: str, book: PhraseBook) -> str:
    if names(rule.when, code):
        return describe_rule(rule, book)
    return _('It looks at every symptom, this one too.') if sweeps(rule.when, book.catalogue.symptoms[code]) else ''
