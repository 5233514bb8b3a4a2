"""The documents and sentences that rules cite."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.engine.errors import RuleError
from alerts.engine.spot import Spot, quoted
from alerts.engine.tiers import Basis

_TEXTS = ('publisher', 'seed_file', 'page', 'note')


@dataclass(frozen=True, slots=True)
class Document:
    """`verified` is `read` (read on a stored copy), `memory` (to be checked before a clinic relies on it) or empty for
    the founding documents; `lost_lists` are headings whose bullets were lost when the page was saved."""

    id: str
    kind: Basis
    title: str
    quotes: Mapping[str, str]
    publisher: str = ''
    seed_file: str = ''
    page: str = ''
    note: str = ''
    verified: str = ''
    lost_lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """What a rule's cite points at: a whole document, or one sentence of it."""

    id: str
    document: Document
    quote: str = ''


@dataclass(frozen=True, slots=True)
class Sources:
    documents: Mapping[str, Document]
    citations: Mapping[str, Citation]

    @classmethod
    def parse(cls, content: object) -> 'Sources':
        """From the mapping in sources.yaml; RuleError says what is wrong and where."""
        root = Spot(content, RuleError)
        root.keyed(('documents',))
        documents = {name: _document(name, spot) for name, spot in root.at('documents').members()}
        citations: dict[str, Citation] = {}
        for document in documents.values():
            for citation in _citations(document):
                if citation.id in citations:
                    root.at('documents').at(document.id).fail('the id {id} is used twice', id=quoted(citation.id))
                citations[citation.id] = citation
        return cls(documents, citations)


def _citations(document: Document) -> list[Citation]:
    whole = Citation(document.id, document)
    return [whole, *(Citation(name, document, quote) for name, quote in document.quotes.items())]


def _document(name: str, spot: Spot) -> Document:
    found = spot.keyed(('kind', 'title'), (*_TEXTS, 'verified', 'lost_lists', 'quotes'))
    lost = spot.at('lost_lists').items() if 'lost_lists' in found else []
    if 'verified' in found:
        spot.at('verified').one_of(frozenset({'read', 'memory'}), 'unknown state {found}')
    return Document(
        id=name,
        kind=Basis(spot.at('kind').one_of(frozenset(Basis), 'unknown kind {found}')),
        title=spot.at('title').words(),
        quotes=_quotes(spot.at('quotes')) if 'quotes' in found else {},
        lost_lists=tuple(item.words() for item in lost),
        verified=str(found.get('verified', '')),
        **{key: spot.at(key).words() for key in _TEXTS if key in found},
    )


def _quotes(spot: Spot) -> dict[str, str]:
    return {name: quote.words() for name, quote in spot.members()}
