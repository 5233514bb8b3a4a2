"""What the editor of a draft asks."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.models import Citation, Document, RuleSet, RuleSetEvent, RuleSetEventKind


def changes_since(draft: RuleSet, seen: int) -> list[RuleSetEvent]:
    """Who changed what of a draft after its reader saw it with `seen` edits, the oldest first. Every edit is one event."""
    count = max(draft.edits - max(seen, 0), 0)
    changes = RuleSetEvent.objects.filter(rule_set=draft, kind=RuleSetEventKind.CHANGED).select_related('actor')
    return list(reversed(changes.order_by('-at', '-pk')[:count]))


def cited(codes: Iterable[str]) -> tuple[Citation, ...]:
    """The sentences with these codes, in this order; those that are not there are left out."""
    wanted = [code for code in codes if '\x00' not in code]  # PostgreSQL would not even look for it
    found = {one.code: one for one in Citation.objects.filter(code__in=wanted).select_related('document')}
    return tuple(found[code] for code in wanted if code in found)


@dataclass(frozen=True)
class Source:
    """A document and the sentences of it that can be cited; one without text is the document as a whole."""

    document: Document
    sentences: tuple[Citation, ...]


def sources() -> list[Source]:
    """Everything that can be cited, by document, the founding ones first."""
    order = ('seed', 'recovered', 'substitute', 'guideline', 'design')
    documents = Document.objects.prefetch_related('citations').all()
    found = [Source(one, tuple(sorted(one.citations.all(), key=lambda each: each.code))) for one in documents]
    return sorted(found, key=lambda one: (order.index(one.document.kind), one.document.title))
