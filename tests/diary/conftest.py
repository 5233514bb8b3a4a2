"""What the diary's tests need beside the cast."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from diary.catalogue import CatalogueView, current_catalogue
from diary.services.symptoms import load_catalogue, words_mapping
from tests import cast


@cache
def catalogue_mapping() -> dict[str, Any]:
    return yaml.safe_load((Path(settings.BASE_DIR) / 'alerts/clinical/catalogue.yaml').read_text())


@pytest.fixture
def catalogue(db: None) -> CatalogueView:
    """The project's own catalogue, loaded, in English."""
    load_catalogue(mapping=catalogue_mapping(), words=words_mapping(), now=cast.NOW)
    return current_catalogue('en')
