"""The project's own clinical content, read from the YAML files in alerts/clinical/ and compiled once per process."""

from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from alerts.engine import Catalogue, Program, RuleError, RuleSet, Sources, compile_rules

FOLDER = Path(__file__).parent / 'clinical'


class _StrictLoader(yaml.SafeLoader):
    """Plain data only: no name given twice, and no aliases, which can make a small file mean a huge one."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, 'aliases are not allowed', mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[object] = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if not isinstance(name, str) or name in seen:
                problem = f'{name!r} is given twice' if isinstance(name, str) else f'the name {name!r} must be text'
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


def read_yaml(text: str) -> object:
    """Plain data from YAML; RuleError, with line and column, for text that is none or is nested beyond reading."""
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - the loader is a stricter SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f'line {mark.line + 1}, column {mark.column + 1}' if mark else ''
        raise RuleError(place, error.problem or 'not YAML') from error
    except yaml.YAMLError as error:
        raise RuleError('', 'not YAML') from error
    except RecursionError:
        raise RuleError('', 'nested too deeply') from None


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
        raise RuleError(name, 'must be a mapping of names to values')
    return content
