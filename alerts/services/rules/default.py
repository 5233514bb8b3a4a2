"""Publishing rule sets and the documents they cite."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_noop

from alerts.models import Citation, Document, RuleSet, RuleSetStatus
from alerts.services.rules.checking import read_rules

TITLE = gettext_noop('Default rules')  # told in the reader's language


def load_sources(*, mapping: Mapping[str, Any]) -> None:
    """Make the documents and citations those of sources.yaml. A document can be cited whole, by its own id."""
    with transaction.atomic():
        for code, given in mapping['documents'].items():
            document, _ = Document.objects.update_or_create(code=code, defaults=_document(given))
            Citation.objects.update_or_create(code=code, defaults={'document': document, 'text': ''})
            for quote, text in given.get('quotes', {}).items():
                Citation.objects.update_or_create(code=quote, defaults={'document': document, 'text': text})


def _document(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = ('kind', 'title', 'publisher', 'page', 'verified', 'note')
    return {name: str(given.get(name, '')) for name in fields}


def publish_default(*, content: dict[str, Any], now: datetime) -> RuleSet:
    """Publish the shared default rules, unless just these are published. Raises RuleError where a rule is wrong.

    Needs the catalogue and the sources in the database: every rule is checked against both.
    """
    digest = fingerprint(content)
    read_rules(content)
    with transaction.atomic():
        current = RuleSet.objects.select_for_update().filter(clinic=None, status=RuleSetStatus.PUBLISHED).first()
        if current is not None and current.digest == digest:
            return current
        if current is not None:
            RuleSet.objects.filter(pk=current.pk).update(status=RuleSetStatus.RETIRED, retired_at=now)
        return RuleSet.objects.create(
            clinic=None,
            version=(RuleSet.objects.filter(clinic=None).aggregate(last=Max('version'))['last'] or 0) + 1,
            status=RuleSetStatus.PUBLISHED,
            title=TITLE,
            content=content,
            digest=digest,
            created_at=now,
            published_at=now,
        )


def fingerprint(content: Mapping[str, Any]) -> str:
    """SHA-256 of the rules, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
