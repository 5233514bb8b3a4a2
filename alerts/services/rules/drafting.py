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
from alerts.services.rules.checking import is_reason, read_rules, rules_to_set_aside
from alerts.services.rules.default import fingerprint
from clinic.models import Clinic, User


class NotADraft(Exception):
    """The rule set is handed in, published or retired: its content is fixed."""


class DraftChanged(Exception):
    """Somebody else changed the draft since it was read."""


class NoReason(Exception):
    """A reason of at least LEAST_REASON characters is needed."""


class NothingToSetAside(Exception):
    """The rule is neither loosened nor left out: there is nothing to give a reason for."""


def begin(*, clinic: Clinic, by: User, title: str, why: str, now: datetime) -> RuleSet:
    """A draft with the content of the rules in force. Raises NoPublishedRuleSet where there are none."""
    return begin_from(clinic=clinic, by=by, source=rule_set_for(clinic.pk), title=title, why=why, now=now)


def begin_from(*, clinic: Clinic, by: User, source: RuleSet, title: str, why: str, now: datetime) -> RuleSet:
    """A draft with the content of `source`: an older version, a colleague's draft, or the shared rules.

    It is compared with the rules in force all the same, and stands on the newer of the shared rules that those two stand on: an
    older version does not undo what the shared rules have learnt since without a reason. Raises ValueError for another clinic's.
    """
    if source.clinic_id not in (None, clinic.pk):
        raise ValueError('a draft begins with rules of its own clinic, or with the shared ones')
    with transaction.atomic():
        lock_clinic(clinic)  # two drafts begun at once get different versions
        current = rule_set_for(clinic.pk)
        draft = RuleSet.objects.create(
            clinic=clinic,
            version=_next_version(clinic),
            status=RuleSetStatus.DRAFT,
            title=title,
            why=why,
            content=source.content,
            digest=source.digest,
            set_aside=source.set_aside,
            default=max((_stands_on(source), _stands_on(current)), key=lambda one: one.version),
            based_on=current,
            created_at=now,
            created_by=by,
        )
        detail = {} if source.pk == current.pk else {'from': source.pk}
        record(draft, RuleSetEventKind.BEGUN, by=by, now=now, note=why, detail=detail)
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
        if content == draft.content:
            return draft
        return put(draft, content, rule=rule, detail={'before': before, 'after': after}, by=by, now=now, note=note)


def replace_content(
    *, draft: RuleSet, content: Mapping[str, Any], by: User, seen: int, now: datetime, note: str = ''
) -> RuleSet:
    """Put a whole rule-set mapping in place (an import, the text view). Raises NotADraft, DraftChanged, RuleError."""
    with transaction.atomic():
        draft = locked(draft, seen=seen)
        if content == draft.content:
            return draft
        detail = {'before': draft.digest, 'after': fingerprint(content)}
        return put(draft, dict(content), rule='', detail=detail, by=by, now=now, note=note)


def set_aside(*, draft: RuleSet, rule: str, reason: str, by: User, seen: int, now: datetime) -> RuleSet:
    """Say why the draft loosens or leaves out an emergency rule of the shared default.

    Raises NotADraft, DraftChanged, NoReason, NothingToSetAside.
    """
    if not is_reason(reason):
        raise NoReason
    with transaction.atomic():
        draft = locked(draft, seen=seen)
        if rule not in rules_to_set_aside(draft):
            raise NothingToSetAside
        before = draft.set_aside.get(rule, '')
        draft.set_aside = {**draft.set_aside, rule: reason.strip()}
        draft.edits += 1
        draft.save(update_fields=['set_aside', 'edits'])
        detail = {'set_aside': {'before': before, 'after': reason.strip()}}
        record(draft, RuleSetEventKind.CHANGED, by=by, now=now, rule=rule, detail=detail, note=reason.strip())
    return draft


def lock_clinic(clinic: Clinic) -> None:
    """One step in the life of a clinic's rule sets at a time. Entries and people of the clinic are stored all the same."""
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)


def locked(draft: RuleSet, *, seen: int) -> RuleSet:
    """The draft's row, locked and as it is now."""
    found = RuleSet.objects.select_for_update().get(pk=draft.pk)
    if found.status != RuleSetStatus.DRAFT:
        raise NotADraft
    if found.edits != seen:
        raise DraftChanged
    return found


def put(
    draft: RuleSet, content: dict[str, Any], *, rule: str, detail: dict[str, Any], by: User, now: datetime, note: str
) -> RuleSet:
    """Store the content of a locked draft, on record. A reason for a rule that needs none any more goes."""
    read_rules(content)
    draft.content, draft.digest, draft.edits = content, fingerprint(content), draft.edits + 1
    needed = rules_to_set_aside(draft)
    draft.set_aside = {name: reason for name, reason in draft.set_aside.items() if name in needed}
    draft.save(update_fields=['content', 'digest', 'edits', 'set_aside', 'default', 'based_on'])
    record(draft, RuleSetEventKind.CHANGED, by=by, now=now, rule=rule, detail=detail, note=note)
    return draft


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


def _stands_on(rule_set: RuleSet) -> RuleSet:
    """The version of the shared rules that a set stands on; a shared one stands on itself."""
    if rule_set.clinic_id is None:
        return rule_set
    return rule_set.default or published_default()


def _next_version(clinic: Clinic) -> int:
    return (RuleSet.objects.filter(clinic=clinic).aggregate(last=Max('version'))['last'] or 0) + 1
