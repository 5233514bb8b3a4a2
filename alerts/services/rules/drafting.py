"""Writing a draft: begun from the rules in force, changed rule by rule or as a whole. Each step is one transaction, on record.

A draft can be read by the engine at any moment: what cannot is refused (RuleError, with its place) and changes nothing.
"""

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from alerts.models import RuleSet, RuleSetEvent, RuleSetEventKind, RuleSetStatus
from alerts.queries.rules.in_force import published_default, rule_set_for
from alerts.services.rules.checking import read_rules
from alerts.services.rules.default import fingerprint
from clinic.models import Clinic, User


class NotADraft(Exception):
    """The rule set is handed in, published or retired: its content is fixed."""


class DraftChanged(Exception):
    """Somebody else changed the draft since it was read."""


def begin(*, clinic: Clinic, by: User, title: str, why: str, now: datetime) -> RuleSet:
    """A draft with the content of the rules in force. Raises NoPublishedRuleSet where there are none."""
    with transaction.atomic():
        Clinic.objects.select_for_update().get(pk=clinic.pk)  # two drafts begun at once get different versions
        current = rule_set_for(clinic.pk)
        draft = RuleSet.objects.create(
            clinic=clinic,
            version=_next_version(clinic),
            status=RuleSetStatus.DRAFT,
            title=title,
            why=why,
            content=current.content,
            digest=current.digest,
            set_aside=current.set_aside,
            default=current.default or published_default(),
            based_on=current,
            created_at=now,
            created_by=by,
        )
        record(draft, RuleSetEventKind.BEGUN, by=by, now=now, note=why)
    return draft


def change_rule(
    *, draft: RuleSet, rule: str, after: Mapping[str, Any] | None, by: User, seen: int, now: datetime, note: str = ''
) -> RuleSet:
    """Put a rule's mapping in place of what stood under its id, add it, or take it out (`after` None).

    `seen` is the draft's `edits` as its reader saw it. Raises NotADraft, DraftChanged, RuleError; KeyError for taking out an
    unknown rule.
    """
    with transaction.atomic():
        draft = locked(draft, seen=seen)
        content = copy.deepcopy(draft.content)
        before = content['rules'].get(rule)
        if after is None:
            del content['rules'][rule]
        else:
            content['rules'][rule] = dict(after)
        return _put(draft, content, rule=rule, detail={'before': before, 'after': after}, by=by, now=now, note=note)


def replace_content(
    *, draft: RuleSet, content: Mapping[str, Any], by: User, seen: int, now: datetime, note: str = ''
) -> RuleSet:
    """Put a whole rule-set mapping in place (an import, the text view). Raises NotADraft, DraftChanged, RuleError."""
    with transaction.atomic():
        draft = locked(draft, seen=seen)
        detail = {'before': draft.digest, 'after': fingerprint(content)}
        return _put(draft, dict(content), rule='', detail=detail, by=by, now=now, note=note)


def locked(draft: RuleSet, *, seen: int) -> RuleSet:
    """The draft's row, locked and as it is now."""
    found = RuleSet.objects.select_for_update().get(pk=draft.pk)
    if found.status != RuleSetStatus.DRAFT:
        raise NotADraft
    if found.edits != seen:
        raise DraftChanged
    return found


def record(
    rule_set: RuleSet,
    kind: RuleSetEventKind,
    *,
    by: User | None,
    now: datetime,
    rule: str = '',
    detail: dict[str, Any] | None = None,
    note: str = '',
) -> RuleSetEvent:
    return RuleSetEvent.objects.create(
        rule_set=rule_set, kind=kind, at=now, actor=by, rule=rule, detail=detail or {}, note=note
    )


def _put(
    draft: RuleSet, content: dict[str, Any], *, rule: str, detail: dict[str, Any], by: User, now: datetime, note: str
) -> RuleSet:
    read_rules(content)
    if content == draft.content:
        return draft
    draft.content, draft.digest, draft.edits = content, fingerprint(content), draft.edits + 1
    draft.save(update_fields=['content', 'digest', 'edits'])
    record(draft, RuleSetEventKind.CHANGED, by=by, now=now, rule=rule, detail=detail, note=note)
    return draft


def _next_version(clinic: Clinic) -> int:
    return (RuleSet.objects.filter(clinic=clinic).aggregate(last=Max('version'))['last'] or 0) + 1
