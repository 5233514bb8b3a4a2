"""What is said when a step in the life of a rule set cannot be taken."""

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.engine import RuleError
from alerts.services.rules.drafting import DraftChanged, NoReason, NotADraft, NothingToSetAside
from alerts.services.rules.life_merging import NothingToTakeIn, Undecided
from alerts.services.rules.life_trial import AnotherRuns, NotApproved, NotOnTrial
from alerts.services.rules.reviewing import (
    NotAnAdmin,
    NothingChanged,
    NotInReview,
    NotReplayed,
    Overtaken,
    OwnWork,
    ReasonsMissing,
    WhyMissing,
)
from alerts.words.problems import in_words


def _overtaken(error: Any) -> str:
    current = error.current
    words = {'n': current.version, 'title': current.name, 'who': current.published_by}
    if current.clinic_id is None:
        return _('New shared rules were published meanwhile (version %(n)s). Take their changes in first.') % words
    return _('Version %(n)s, “%(title)s”, was published meanwhile by %(who)s. Take its changes in first.') % words


def _reasons(error: Any) -> str:
    words = {'rules': ', '.join(error.rules)}
    return _('Type a reason for each emergency rule that is loosened or left out: %(rules)s.') % words


def _unreadable(error: Any) -> str:
    return _('The rules cannot be read: %(error)s') % {'error': in_words(error)}


_WORDS: dict[type[Exception], Promise | Callable[[Any], str]] = {
    NotADraft: gettext_lazy('This is no draft any more: it cannot be changed.'),
    DraftChanged: gettext_lazy('Somebody changed the draft meanwhile. Nothing was done: look at it again.'),
    NoReason: gettext_lazy('Type a reason.'),
    NothingToSetAside: gettext_lazy('This rule is as strict as the shared one. It needs no reason.'),
    NothingToTakeIn: gettext_lazy('There is nothing to take in: the draft stands on these rules already.'),
    NotApproved: gettext_lazy(
        'Only a draft that a second admin has approved can do this. Somebody may have been faster.'
    ),
    NotOnTrial: gettext_lazy('It does not run silently any more.'),
    NotAnAdmin: gettext_lazy('Only an admin of the clinic can do this.'),
    NothingChanged: gettext_lazy('This draft says just what is in force. Change a rule first.'),
    NotInReview: gettext_lazy('Somebody was faster, or it was changed meanwhile. Nothing was done: look at it again.'),
    OwnWork: gettext_lazy('You changed this draft or handed it in. Another admin has to approve it.'),
    WhyMissing: gettext_lazy('Give the draft a name, and say why it is written.'),
    Undecided: gettext_lazy('Choose for each rule that both sides changed.'),
    NotReplayed: gettext_lazy(
        'Replay the draft on the last 90 days first, as it reads now, or type in 20 characters or more why it is handed in without.'
    ),
    AnotherRuns: gettext_lazy('Another draft runs silently. End that run first.'),
    Overtaken: _overtaken,
    ReasonsMissing: _reasons,
    RuleError: _unreadable,
}
REFUSALS = tuple(_WORDS)


def refusal_words(error: Exception) -> str:
    """Raises KeyError for an error that is no refusal."""
    words = _WORDS[type(error)]
    return str(words) if isinstance(words, Promise) else words(error)
