"""A wrapper that says, as the plugin's does, that it has the parameters of what it wraps."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from transforms.engine.syntax.definition import Function, Kind, parameters
from transforms.importers.monkeypatch.translation.handing_on import decorators_of
from transforms.importers.monkeypatch.translation.statements import Import

if TYPE_CHECKING:
    from transforms.importers.monkeypatch.mutation import Mutation
    from transforms.importers.monkeypatch.translation.found import Found
    from transforms.importers.monkeypatch.translation.functions import Replacement
    from transforms.importers.monkeypatch.translation.setting import Setting

_WRAPS = "functools.wraps"


def with_wraps(
    original: str, taking: Replacement, mutation: Mutation, found: Found, setting: Setting
) -> tuple[Replacement, frozenset[Import]]:
    """Let `inspect.signature` give of a wrapper what the plugin's has: the original's parameters.

    Args:
        original: what gives the original where the wrapper is defined; empty where nothing does.
        taking: the wrapper, as the plugin has it.
        mutation: what assigns it.
        found: its place in vLLM.
        setting: all that is read.

    Returns:
        The wrapper with a decorator, and what the module must import for it. It has none where
        the plugin's has none, unless that takes whatever it is given: a plugin that patches this
        one once more would learn nothing of the original's parameters. Nor has it one where either
        of the two is decorated otherwise.
    """
    others = decorators_of(found.node) or taking.decorators or not original
    if others or not (_wraps_it(taking, mutation) or _is_open(taking, found, setting)):
        return taking, frozenset()
    imports = frozenset({Import(module="functools")})
    decorator = _WRAPS
    for name, dotted in (("functools", "functools"), ("wraps", _WRAPS)):
        thing = setting.bound_in_vllm(found.target.module, name)
        if thing is not None and thing.target.module == dotted:
            imports = frozenset()
            decorator = _WRAPS if name == dotted else name
            break
    return replace(taking, decorators=(f"{decorator}({original}, assigned=())",)), imports


def _wraps_it(taking: Replacement, mutation: Mutation) -> bool:
    """Tell whether the plugin's wrapper says itself what it wraps."""
    decorators = getattr(taking.own.node, "decorator_list", [])
    if decorators_of(taking.own.node) != ["wraps"]:
        return False
    (decorator,) = decorators
    given = decorator.args if isinstance(decorator, ast.Call) else []
    return bool(given) and getattr(given[0], "id", "") in mutation.captured


def _is_open(taking: Replacement, found: Found, setting: Setting) -> bool:
    """Tell whether a plain function around the original takes whatever it is given."""
    own = taking.own.node
    if not isinstance(own, Function) or own.decorator_list or found.target not in setting.originals:
        return False
    return [item.kind for item in parameters(own)[-2:]] == [Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD]
