"""ApplyRule: a rule on every file that may hold its construct, with a reviewed number of sites."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.transforms.trees import NAME, RELEASE, MemoryTree, applied, outcome_on, patch
from transforms.edits import ApplyRule, cpp
from transforms.engine.cpp.code import code_of
from transforms.engine.cpp.sites import token_site
from transforms.engine.edit import Found
from transforms.engine.optional_packages import CPP_GUARD
from transforms.engine.outcome import Problem, Status
from transforms.engine.patterns.pattern import Pattern
from transforms.engine.patterns.template import Template
from transforms.engine.writing.placement import expression_site

if TYPE_CHECKING:
    from transforms.engine.syntax.source import Source


@dataclass(frozen=True)
class _OldToNew:
    """Replaces `old` by `new`, and refuses `old` inside a class."""

    name: str = "old_to_new"
    needles: tuple[bytes, ...] = (b"old", b"import")

    def match(self, source: Source) -> Found:
        if any(isinstance(node, ast.ClassDef) for node in source.module.body):
            refusal = Problem(status=Status.DRIFTED, reason="there is a class", path=source.path)
            return Found(problem=refusal)
        template = Template.parse("new", frozenset())
        return Found(
            sites=tuple(
                expression_site(match.nodes[0], template, match.bindings, source)  # type: ignore[arg-type]
                for match in Pattern.parse("old").matches(source.module)
            )
        )


_TREE = {
    "vllm/a.py": "import x\nold\nold\n",
    "vllm/b.py": "import y\nz = old\n",
    "vllm/c.py": "old\n",
    "vllm/d.py": "import old_one\n",
    "vllm/e.txt": "import old\n",
    "vllm_tests/f.py": "import x\nold\n",
    "benchmarks/g.py": "import x\nold\n",
}


def _edit(expected: dict[str, int]) -> ApplyRule:
    return ApplyRule(rule=_OldToNew(), expected=expected)


def test_a_rule_acts_in_every_file_that_holds_its_needles() -> None:
    tree = MemoryTree.of(_TREE)
    assert applied(tree, {NAME: patch(_edit({RELEASE: 3}))}) == {
        "vllm/a.py": b"import x\nnew\nnew\n",
        "vllm/b.py": b"import y\nz = new\n",
    }


def test_a_file_without_the_needles_is_not_parsed() -> None:
    tree = MemoryTree.of({**_TREE, "vllm/f.py": "import x\nthis is no Python"})
    assert outcome_on(tree, _edit({RELEASE: 3})).status is Status.APPLIED


def test_doing_it_again_is_obsolete() -> None:
    files = applied(MemoryTree.of(_TREE), {NAME: patch(_edit({RELEASE: 3}))})
    again = outcome_on(MemoryTree.of({**_TREE, **files}), _edit({RELEASE: 3}))
    assert (again.status, again.sites) == (Status.OBSOLETE, ())


@pytest.mark.parametrize("expected", [2, 4, 0])
def test_another_number_of_sites_is_drift_that_lists_them(expected: int) -> None:
    outcome = outcome_on(MemoryTree.of(_TREE), _edit({RELEASE: expected}))
    assert outcome.status is Status.DRIFTED
    ((_, problem),) = outcome.problems
    assert problem.reason == f"matched 3 sites, expected {expected}"
    assert problem.notes == ("vllm/a.py:2", "vllm/a.py:3", "vllm/b.py:2")
    assert problem.looked_for == "rule old_to_new"


def test_a_release_that_nobody_has_reviewed_is_drift() -> None:
    outcome = outcome_on(MemoryTree.of(_TREE), _edit({"0.32.0": 3}))
    assert outcome.status is Status.DRIFTED
    ((_, problem),) = outcome.problems
    assert problem.reason == f"matched 3 sites; nobody has reviewed how many {RELEASE} has"


def test_a_place_that_the_rule_refuses_stops_the_patch() -> None:
    tree = MemoryTree.of({**_TREE, "vllm/g.py": "import x\nclass A: old\n"})
    outcome = outcome_on(tree, _edit({RELEASE: 3}))
    assert outcome.status is Status.DRIFTED
    assert [problem.reason for _, problem in outcome.problems] == ["there is a class"]


def test_a_file_that_does_not_parse_stops_the_patch() -> None:
    tree = MemoryTree.of({**_TREE, "vllm/g.py": "import old\nthis is no Python"})
    outcome = outcome_on(tree, _edit({RELEASE: 3}))
    assert outcome.status is Status.DRIFTED
    ((_, problem),) = outcome.problems
    assert (problem.path, problem.line) == ("vllm/g.py", 2)


@pytest.mark.parametrize("fields", [{"rule": _OldToNew()}, {"expected": {}}])
def test_a_field_that_is_left_out_is_a_type_error(fields: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="missing"):
        ApplyRule(**fields)  # type: ignore[arg-type]


def test_a_rule_acts_in_the_folder_that_it_is_given() -> None:
    tree = MemoryTree.of(_TREE)
    edit = ApplyRule(rule=_OldToNew(), expected={RELEASE: 1}, folder="benchmarks")
    assert applied(tree, {NAME: patch(edit)}) == {"benchmarks/g.py": b"import x\nnew\n"}


def test_a_rule_leaves_folders_alone_that_it_is_told_to() -> None:
    tree = MemoryTree.of({**_TREE, "vllm/a/x.py": _TREE["vllm/a.py"]})
    kept = ApplyRule(rule=_OldToNew(), expected={RELEASE: 3}, without=("vllm/a",))
    assert set(applied(tree, {NAME: patch(kept)})) == {"vllm/a.py", "vllm/b.py"}


@dataclass(frozen=True)
class _OrToBars:
    """Replaces the token `or` by `||`."""

    name: str = "or_to_bars"
    needles: tuple[bytes, ...] = (b"or",)

    def match(self, source: Source) -> Found:
        code = source.once(code_of)
        places = code.places.get("or", ())
        return Found(
            sites=tuple(token_site(source, code, at, at + 1, "||") for at in places),
        )


_NATIVE = {
    "csrc/a.cu": 'if (a or b) {}  // or "or"\n',
    "csrc/b/c.hpp": "#define EITHER(a, b) a or \\\n  b or 0\n",
    "csrc/cpu/d.cpp": "x = a or b;\n",
    "csrc/e.py": "a or b\n",
    "csrc/f.txt": "a or b\n",
    "csrc/g.h": "int order;\n",
}


def _native(expected: dict[str, int]) -> ApplyRule:
    return ApplyRule(
        rule=_OrToBars(),
        expected=expected,
        folder="csrc",
        without=("csrc/cpu",),
        suffixes=cpp.CPP,
    )


def test_a_rule_for_native_code_acts_in_native_files_only() -> None:
    tree = MemoryTree.of(_NATIVE)
    assert applied(tree, {NAME: patch(_native({RELEASE: 3}))}) == {
        "csrc/a.cu": b'if (a || b) {}  // or "or"\n',
        "csrc/b/c.hpp": b"#define EITHER(a, b) a || \\\n  b || 0\n",
    }
    assert sorted(set(tree.reads)) == ["csrc/a.cu", "csrc/b/c.hpp", "csrc/g.h"]


def test_a_rule_for_native_code_asks_for_what_its_check_needs() -> None:
    assert _native({}).requires == CPP_GUARD
    assert _edit({}).requires == ()
