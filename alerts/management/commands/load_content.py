"""Load the clinical content that the project ships: catalogue, documents, default rules."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from alerts import content
from alerts.services.rules.default import load_sources, publish_default
from diary.services.symptoms import load_catalogue, words_mapping


class Command(BaseCommand):
    """Safe to run again: what is unchanged stays, a changed wording or rule becomes a new version."""

    help = 'Load the symptom catalogue, the documents and the default rules.'

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        with transaction.atomic():
            load_catalogue(mapping=content.catalogue_mapping(), words=words_mapping(), now=now)
            load_sources(mapping=content.sources_mapping())
            rule_set = publish_default(content=content.rules_mapping(), now=now)
        self.stdout.write(f'Clinical content is loaded: {rule_set}, {len(rule_set.content["rules"])} rules.')
