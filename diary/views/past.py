"""What the earlier entries say to a new one: what stands as a row, what comes first and why, what is called how."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _

from diary.answers import Document
from diary.asking import Group, Why, order
from diary.catalogue import CatalogueView
from diary.legible import read_with
from diary.models import ContextCode, Revision
from diary.queries import Where
from diary.queries_asking import checks_due, known_of, last_entries
from diary.sheet import Before, as_start, before_of
from diary.telling import tell
from diary.views.desk import Desk
from diary.views.guard import units_of


@dataclass(frozen=True)
class Past:
    """`previous` is the latest entry of the last 168 hours; `before` what of it stands as rows, `notes` what was said
    of each symptom the last time that it was there."""

    previous: Revision | None
    groups: tuple[Group, ...]
    before: Mapping[str, Before]
    notes: Mapping[str, str]
    titles: Mapping[Why, str]

    @property
    def start(self) -> dict[str, str]:
        """The posted names with which the form begins."""
        return as_start(self.before)

    @property
    def checks(self) -> tuple[str, ...]:
        return next((group.codes for group in self.groups if group.why is Why.CHECK), ())


def past_of(desk: Desk, where: Where) -> Past:
    """A late entry is about a day of which one remembers: nothing is filled in, and no check of today belongs to it."""
    at, late = desk.about.latest, desk.about.late
    revisions = last_entries(desk.patient, before=at)
    checks = [] if late else checks_due(desk.offered, revisions, day=desk.about.day)
    known = known_of(
        desk.patient, revisions, where=where, offered=desk.offered, checks=checks, catalogue=desk.catalogue, at=at
    )
    previous, groups = revisions[-1] if revisions else None, order(known)
    rose = next((group.codes for group in groups if group.why is Why.ROSE), ())
    return Past(
        previous,
        groups,
        {} if late else _before(previous, desk, rose),
        _notes(revisions, desk),
        _titles(known.contexts),
    )


def _before(previous: Revision | None, desk: Desk, rose: Sequence[str]) -> dict[str, Before]:
    if previous is None:
        return {}
    return read_with(partial(_rows, desk=desk, rose=rose), previous.document, desk.catalogue)


def _rows(document: Document, catalogue: CatalogueView, *, desk: Desk, rose: Sequence[str]) -> dict[str, Before]:
    told = tell(document, catalogue, units=units_of(desk.patient))
    return before_of(document, told, desk.offered, catalogue, rose=rose)


def _notes(revisions: Sequence[Revision], desk: Desk) -> dict[str, str]:
    """Per symptom what was said of it the last time that it was there."""
    notes: dict[str, str] = {}
    for revision in revisions:
        for said in tell(revision.document, desk.catalogue, units=units_of(desk.patient)).said:
            if said.level != 0:
                notes[said.code] = _('last time: %(what)s') % {'what': said.brief or _('yes')}
    return notes


def _titles(contexts: Collection[str]) -> dict[Why, str]:
    titles = {Why.ROSE: _('New or worse last time')}
    hidden = {ContextCode.ON_STEROIDS, ContextCode.ON_ANTIPYRETICS} & set(contexts)
    return titles if hidden else titles | {Why.WATCH: _('Tell us at once if you have one of these')}
