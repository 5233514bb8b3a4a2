"""Taking other changes into a draft: what was published meanwhile, or what the shared rules have learnt. Three-way, by rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from alerts.engine.changes import Merge, merge
from alerts.models import RuleSet, RuleSetStatus
from alerts.queries.rules.in_force import published_default, rule_set_for
from alerts.services.rules.drafting import NotADraft, locked, put
from alerts.services.rules.reviewing import in_review, must_be_admin, reopen
from clinic.models import User


class Source(TextChoices):
    IN_FORCE = 'in-force', _('what was published meanwhile')
    SHARED = 'shared', _('the newest shared rules')


class NothingToTakeIn(Exception):
    """The draft stands on these rules already."""


class Undecided(Exception):
    """Rules that both sides changed wait for a decision: `pieces` name them."""

    def __init__(self, pieces: tuple[str, ...]) -> None:
        super().__init__(', '.join(pieces))
        self.pieces = pieces


@dataclass(frozen=True)
class Incoming:
    """The changes that lead from `base`, which the draft knows, to `theirs`."""

    base: RuleSet
    theirs: RuleSet


def incoming(draft: RuleSet, source: Source) -> Incoming:
    """Raises NothingToTakeIn."""
    assert draft.clinic_id is not None
    shared = source is Source.SHARED
    base = draft.default if shared else draft.based_on
    theirs = published_default() if shared else rule_set_for(draft.clinic_id)
    if base is None or base.pk == theirs.pk:
        raise NothingToTakeIn
    return Incoming(base, theirs)


def merged(draft: RuleSet, found: Incoming, *, take: Mapping[str, bool]) -> Merge:
    """`take` says of a conflict whether theirs is wanted."""
    wanted = {piece for piece, theirs in take.items() if theirs}
    return merge(found.base.content, draft.content, found.theirs.content, take=wanted)


def take_in(*, draft: RuleSet, source: Source, take: Mapping[str, bool], by: User, seen: int, now: datetime) -> RuleSet:
    """A new edit of the draft, on top of the rules of `source`. One that is in review becomes a draft again: its words change.

    `take` says for each conflict whether theirs is wanted. Raises NotAnAdmin, NotADraft, DraftChanged, NothingToTakeIn, Undecided,
    RuleError.
    """
    must_be_admin(draft, by)
    with transaction.atomic():
        found = _opened(draft, by=by, seen=seen, now=now)
        news = incoming(found, source)
        result = merged(found, news, take=take)
        undecided = tuple(piece for piece in result.conflicts if piece not in take)
        if undecided:
            raise Undecided(undecided)
        _move(found, source, news)
        detail = {
            'from': news.theirs.pk,
            'taken': list(result.taken),
            'conflicts': {piece: 'theirs' if take[piece] else 'ours' for piece in result.conflicts},
        }
        return put(found, result.content, rule='', detail=detail, by=by, now=now, note='')


def _opened(draft: RuleSet, *, by: User, seen: int, now: datetime) -> RuleSet:
    if RuleSet.objects.filter(pk=draft.pk, status=RuleSetStatus.IN_REVIEW).exists():
        reopen(in_review(draft, seen=seen), by=by, note=str(_('It takes in what was published meanwhile.')), now=now)
    return locked(draft, seen=seen)


def _move(draft: RuleSet, source: Source, news: Incoming) -> None:
    """What the draft stands on and is compared with from now on. Reasons that came with the other rules come along."""
    if source is Source.SHARED:
        draft.default = news.theirs
        return
    draft.based_on = news.theirs
    stands_on = news.theirs if news.theirs.clinic_id is None else news.theirs.default
    if stands_on is not None and (draft.default is None or stands_on.version > draft.default.version):
        draft.default = stands_on
    draft.set_aside = {**news.theirs.set_aside, **draft.set_aside}


__all__ = ['Incoming', 'NotADraft', 'NothingToTakeIn', 'Source', 'Undecided', 'incoming', 'merged', 'take_in']
