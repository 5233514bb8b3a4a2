"""manage.py read_export diary.json --clinic "Name": read a diary that a Vigil has exported (FHIR)."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.models import Clinic
from diary.export.fhir import NotOurBundleError, gathered_of, pictures_of
from diary.services.reading import NotReadError, read_diary


class Command(BaseCommand):
    help = 'Reads an exported diary (FHIR) into a clinic that does not have its patient yet: whole or not at all.'

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument('file', type=Path)
        parser.add_argument('--clinic', required=True, help='the clinic’s name')

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = Clinic.objects.filter(name=options['clinic']).first()
        if clinic is None:
            raise CommandError('There is no clinic of this name.')
        try:
            bundle = json.loads(options['file'].read_text(encoding='utf-8'))
            found, pictures = gathered_of(bundle), pictures_of(bundle)
            patient = read_diary(found=found, pictures=pictures, clinic=clinic, now=timezone.now())
        except (OSError, UnicodeDecodeError, json.JSONDecodeError, NotOurBundleError, NotReadError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f'{patient.entries.count()} entries were read. The rules look at all of them now. Nobody is called for what was told '
            'more than some days ago: ask the team to read the patient’s page.'
        )
