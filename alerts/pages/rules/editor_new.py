"""The name of a new rule."""

import re
from itertools import count

from django.utils.translation import gettext as _

from alerts.models import RuleSet

_ID = re.compile(r'[A-Z][A-Z0-9_]{0,19}')  # as alerts/engine/rules.py has it


def free_id(draft: RuleSet) -> str:
    """The next local name that no rule has: L01, L02 …"""
    return next(name for n in count(1) if not _taken(draft, name := f'L{n:02}'))


def id_problem(draft: RuleSet, name: str) -> str:
    """What is wrong with the name of a new rule; empty where it can be had."""
    if not _ID.fullmatch(name):
        return _('Write up to 20 capital letters, digits and underscores, a letter first.')
    if _taken(draft, name):
        return _('The draft has a rule %(name)s already. %(free)s is free.') % {'name': name, 'free': free_id(draft)}
    return ''


def _taken(draft: RuleSet, name: str) -> bool:
    """Also by a rule of the shared default that this draft left out: its old flags bear that name."""
    default = draft.default.content if draft.default else {}
    return any(name in content.get(part, {}) for content in (draft.content, default) for part in ('rules', 'missed'))
