"""Rules and their parts in the reader's language: the phrase book that the engine's sentences are made with."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from django.utils.translation import get_language

from alerts.content import FOLDER, read_yaml
from alerts.engine import Catalogue, PhraseBook, Phrases, Symptom, parse_phrases
from diary.catalogue import FALLBACK, CatalogueView, SymptomSpec, current_catalogue
from diary.models import treatment_name


@cache
def all_phrases() -> Mapping[str, Phrases]:
    """By language. RuleError where a language lacks words."""
    return parse_phrases(read_yaml((FOLDER / 'phrases.yaml').read_text(encoding='utf-8')))


def reading_language() -> str:
    """The reader's, as far as rules are told in it."""
    language = (get_language() or FALLBACK).split('-')[0]
    return language if language in all_phrases() else FALLBACK


def book_for(catalogue: Catalogue) -> PhraseBook:
    """For the reader. One query in another language than the catalogue's own, so ask once for many rules."""
    phrases = all_phrases()[reading_language()]
    if phrases.language == FALLBACK:
        return PhraseBook(phrases, catalogue)
    return PhraseBook(phrases, in_words_of(catalogue, current_catalogue(phrases.language)))


def in_words_of(catalogue: Catalogue, view: CatalogueView) -> Catalogue:
    """The same catalogue with the names of another language. What an admin added in one language only keeps its name."""
    symptoms = {code: _named(one, view.symptoms) for code, one in catalogue.symptoms.items()}
    therapies = {code: replace(one, name=treatment_name(one.name)) for code, one in catalogue.therapies.items()}
    return replace(catalogue, symptoms=symptoms, therapies=therapies)


def _named(symptom: Symptom, known: Mapping[str, SymptomSpec]) -> Symptom:
    return replace(symptom, name=known[symptom.code].name) if symptom.code in known else symptom
