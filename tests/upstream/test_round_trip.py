"""Every Python file of a release is read whole, and every span holds what it says."""

from __future__ import annotations

import ast
import copy
import unicodedata
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import pytest

from build_hooks.artifact import open_artifact
from build_hooks.collector import without_collector
from tests.wheels.real import artifact
from transforms.engine.apply import apply_sites, splice
from transforms.engine.syntax.alternatives import Definition
from transforms.engine.syntax.definition import header_end, name_span, parameters
from transforms.engine.syntax.source import Source, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from build_hooks.artifact import Artifact

pytestmark = pytest.mark.upstream


@pytest.fixture(autouse=True)
def _many_trees() -> Iterator[None]:
    with without_collector():
        yield


@pytest.fixture(scope="module")
def release() -> Artifact:
    return open_artifact(artifact("0.33.0"))


def sources(release: Artifact) -> Iterator[Source]:
    for path in sorted(release):
        if path.endswith(".py"):
            yield Source(path, release.read(path))


def test_nothing_applied_gives_every_file_back(release: Artifact) -> None:
    count = 0
    for source in sources(release):
        edges = sorted(
            {edge for statement in source.module.body for edge in source.statement_span(statement)}
        )
        cuts = [0, *edges, len(source.data)]
        pieces = [source.data[start:end] for start, end in pairwise(cuts)]
        assert b"".join(pieces) == source.data == splice(source.data, []), source.path
        count += 1
    assert count > 2_900
    assert apply_sites([], release) == []


def test_the_text_of_a_statement_is_that_statement(release: Artifact) -> None:
    for source in islice(sources(release), 0, None, 5):
        for statement in source.module.body:
            (again,) = parse(source.text(source.statement_span(statement))).body
            assert ast.dump(again) == ast.dump(statement), f"{source.path}:{statement.lineno}"


def test_every_definition_has_its_name_header_and_parameters(release: Artifact) -> None:
    count = 0
    for source in sources(release):
        for node in ast.walk(source.module):
            if not isinstance(node, Definition):
                continue
            count += 1
            where = f"{source.path}:{node.lineno}"
            name = source.text(name_span(node, source))
            assert unicodedata.normalize("NFKC", name) == node.name, where
            head = source.text(source.span(node)._replace(end=header_end(node, source)))
            (again,) = parse(f"{head} pass").body
            assert isinstance(again, Definition), where
            alike = copy.copy(node)
            alike.decorator_list, alike.body, again.body = [], [], []
            assert ast.dump(again) == ast.dump(alike), where
            if not isinstance(node, ast.ClassDef):
                for parameter in parameters(node):
                    text = source.text(parameter.span(source))
                    bare = "" if text.startswith("*") else "*, "
                    (alone,) = parse(f"def f({bare}{text}): pass").body
                    assert isinstance(alone, ast.FunctionDef)
                    (found,) = parameters(alone)
                    assert ast.dump(found.node) == ast.dump(parameter.node), where
    assert count > 40_000
