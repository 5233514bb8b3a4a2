"""The statements of diary/clinical/expect.yaml, read once per process, in the reader's language and with their sources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from diary.expect import TOPICS, Point, Source, Statement, fitting, read_content
from diary.models import ContextCode, Route
from diary.queries import Where
from diary.services.symptoms import words_mapping

FILE = Path(__file__).parent / 'clinical' / 'expect.yaml'
TITLES: Mapping[str, Promise] = {
    'feel': _('How you may feel'),
    'works': _('Whether it works'),
    'care': _('Your team and you'),
}
# A substitute is always called one; nothing else may pass for the founding documents' words.
BASIS_WORDS: Mapping[str, Promise] = {
    'seed': _('one of the documents that Vigil is built on'),
    'recovered': _('one of the documents that Vigil is built on; its list was read again at the publisher'),
    'substitute': _('a substitute: from another publisher, because the first one’s list was lost'),
    'guideline': _('a guideline, a drug label or a study'),
}


@dataclass(frozen=True)
class Told:
    """One statement as the page shows it."""

    words: str
    sources: Sequence[tuple[Source, Promise]]

    @property
    def publishers(self) -> list[str]:
        """Each once, as short as one names them."""
        names = [source.document.publisher.split(',')[0] or source.document.title for source, _basis in self.sources]
        return list(dict.fromkeys(names))


@dataclass(frozen=True)
class Topic:
    title: Promise
    told: Sequence[Told]


@cache
def statements() -> tuple[Statement, ...]:
    """Raises diary.expect.ExpectError when the file cannot be used."""
    content: dict[str, Any] = yaml.load(FILE.read_text(encoding='utf-8'), Loader=yaml.CSafeLoader)
    known = {'therapies': list(words_mapping()['therapies']), 'routes': Route.values, 'contexts': ContextCode.values}
    return read_content(content, languages=[code for code, _name in settings.LANGUAGES], known=known)


def expected(where: Where, contexts: Iterable[str]) -> list[Topic]:
    """What the documents say for where a patient stands, by topic; empty without a course or where they say nothing."""
    point = point_of(where, contexts)
    found = fitting(statements(), point) if point else []
    by_topic = [(topic, [statement for statement in found if statement.topic == topic]) for topic in TOPICS]
    return [Topic(TITLES[topic], [_told(each) for each in chosen]) for topic, chosen in by_topic if chosen]


def point_of(where: Where, contexts: Iterable[str]) -> Point | None:
    if where.course is None or where.place is None:
        return None
    return Point(
        therapy=where.course.therapy.code,
        route=where.course.route,
        schedule=where.course.schedule,
        phase=where.place.phase.value,
        cycle=where.place.cycle,
        days=where.place.days_since_dose,
        rest=where.place.rest,
        contexts=frozenset(contexts),
    )


def _told(statement: Statement) -> Told:
    language = (get_language() or 'en').split('-')[0]
    return Told(statement.words[language], [(source, BASIS_WORDS[source.basis]) for source in statement.sources])
