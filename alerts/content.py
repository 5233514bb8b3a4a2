"""The project's own clinical content, read from the YAML files in alerts/clinical/ and compiled once per process."""

from functools import cache
from pathlib import Path
from typing import Any

from alerts.engine import Catalogue, Program, RuleError, RuleSet, Sources, compile_rules
from alerts.engine.sentences import Sentence
from alerts.plain_yaml import read_yaml as read_yaml  # where the files are read, and asked for with them

FOLDER = Path(__file__).parent / 'clinical'


@cache
def default_catalogue() -> Catalogue:
    return Catalogue.parse(catalogue_mapping())


@cache
def default_sources() -> Sources:
    return Sources.parse(sources_mapping())


@cache
def default_rules() -> RuleSet:
    """The default alert rules, every citation checked against the sources."""
    return RuleSet.parse(rules_mapping(), default_catalogue(), default_sources().citations)


@cache
def default_program() -> Program:
    return compile_rules(default_rules())


def catalogue_mapping() -> dict[str, Any]:
    """The plain data of catalogue.yaml, as `Catalogue.parse` takes it; a fresh copy each time."""
    return _content('catalogue.yaml')


def sources_mapping() -> dict[str, Any]:
    """The plain data of sources.yaml, as `Sources.parse` takes it; a fresh copy each time."""
    return _content('sources.yaml')


def rules_mapping() -> dict[str, Any]:
    """The plain data of rules.yaml, as `RuleSet.parse` takes it; a fresh copy each time."""
    return _content('rules.yaml')


def _content(name: str) -> dict[str, Any]:
    content = read_yaml((FOLDER / name).read_text(encoding='utf-8'))
    if not isinstance(content, dict):
        raise RuleError(name, Sentence('must be a mapping of names to values'))
    return content
