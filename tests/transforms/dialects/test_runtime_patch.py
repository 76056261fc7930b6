"""The patch that adds the modules which rewritten files use, where a rule writes their names."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest

from build_hooks.platforms import load_dialect
from tests.transforms.trees import MemoryTree
from transforms.dialects.patches import dialect_patches
from transforms.edits import AddModule
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import bind_runtime
from transforms.rules.triton.dialect import TRITON_3_1, Dialect, Syntax
from transforms.rules.triton.rules import RUNTIME_USERS, rules_of

NAMES, LAUNCHES, RUNTIME = "triton_missing_names", "triton_launch_options", "triton_runtime"
MODULE = "vllm/wheelwright_triton.py"
LACKING = Dialect(
    name="x",
    proof="1.0",
    names={"triton.language.gather": "gather"},
    launch_options=frozenset({"launch_pdl"}),
)
KERNEL = """\
from vllm.triton_utils import tl, triton


@triton.jit
def kernel(p, q):
    if p or q or p and q and p:
        return tl.gather(tl.load(p), tl.load(q), 0)
"""
AFTER = """\
from vllm import wheelwright_triton
from vllm.triton_utils import tl, triton


@triton.jit
def kernel(p, q):
    if p or (q or p and (q and p)):
        return wheelwright_triton.gather(tl.load(p), tl.load(q), 0)
"""


@pytest.mark.parametrize(
    ("names", "launches", "versions"),
    [
        ({"0.9.2": 0, "0.10.0": 2}, {"0.9.2": 0, "0.10.0": 0}, ">=0.10.0"),
        ({"0.9.2": 0, "0.10.0": 2}, {"0.9.2": 1, "0.10.0": 0}, ">=0.9.2"),
        ({"0.9.2": 1, "0.10.0": 0, "0.11.0": 1}, {"0.11.0": 1}, ">=0.9.2,!=0.10.0"),
    ],
)
def test_the_module_is_added_to_the_releases_in_which_a_rule_writes_its_name(
    names: dict[str, int], launches: dict[str, int], versions: str
) -> None:
    patch = dialect_patches(LACKING, {NAMES: names, LAUNCHES: launches})[RUNTIME]
    assert patch.versions == versions
    assert patch.edits == [AddModule(path=MODULE, shared=True, versions=versions)]


def test_each_module_goes_only_to_releases_that_use_it() -> None:
    lacking = replace(LACKING, imports=frozenset({"triton.knobs"}), launch_options=frozenset())
    counts = {NAMES: {"0.9.2": 0, "0.10.0": 1}, "triton_imports": {"0.9.2": 1, "0.10.0": 1}}
    patch = dialect_patches(lacking, counts)[RUNTIME]
    assert patch.versions == ">=0.9.2"
    assert {edit.path: edit.versions for edit in patch.edits if isinstance(edit, AddModule)} == {
        MODULE: ">=0.10.0",
        "vllm/wheelwright_triton_imports.py": ">=0.9.2",
    }


def test_it_is_added_to_all_releases_until_somebody_has_counted() -> None:
    assert dialect_patches(LACKING, {NAMES: {"0.10.0": 1}})[RUNTIME].versions == ">=0.9.2"


def test_there_is_none_where_no_rule_writes_its_name() -> None:
    lacks_chains = Dialect(name="x", proof="1.0", syntax=frozenset({Syntax.BOOLEAN_CHAIN}))
    assert RUNTIME not in dialect_patches(lacks_chains, {})
    assert dialect_patches(LACKING, {NAMES: {"0.9.2": 0}, LAUNCHES: {"0.9.2": 0}}) == {}


def test_two_platforms_of_one_dialect_add_one_module_and_rewrite_once() -> None:
    lacking = Dialect(
        name="x",
        proof="1.0",
        names={"triton.language.gather": "gather"},
        syntax=frozenset({Syntax.BOOLEAN_CHAIN}),
    )
    counts = {NAMES: {"0.33.0": 2}, "triton_boolean_chains": {"0.33.0": 4}}
    dialect = dialect_patches(lacking, counts)
    text = b"# the module\n"
    # Each platform takes the modules' texts for itself.
    patches = {
        f"{platform}/{stem}": patch
        for platform in ("musa", "other")
        for stem, patch in bind_runtime(dialect, {MODULE: text}).items()
    }
    tree = MemoryTree.of({"vllm/ops.py": KERNEL})
    outcomes = match_patches(patches, tree, "0.33.0")
    assert {found.patch: found.status for found in outcomes} == dict.fromkeys(
        patches, Status.APPLIED
    )
    files = {file.path: file.after for file in apply_sites(outcomes, tree)}
    assert files == {"vllm/ops.py": AFTER.encode(), MODULE: text}


def test_the_dialects_own_modules_are_shared() -> None:
    added = load_dialect(TRITON_3_1.name).patches[RUNTIME].edits
    assert [edit.shared and bool(edit.data) for edit in added if isinstance(edit, AddModule)] == [
        True
    ] * len(RUNTIME_USERS)


_WRITTEN = re.compile("After::\n\n((?:\n|    [^\n]*(?:\n|\\Z))+)")


@pytest.mark.parametrize("stem", rules_of(TRITON_3_1))
def test_every_rule_whose_examples_show_a_module_is_known_to_use_it(stem: str) -> None:
    text = sys.modules[type(rules_of(TRITON_3_1)[stem]).__module__].__doc__ or ""
    shown = {
        name
        for after in _WRITTEN.findall(text)
        for name in re.findall(r"\bwheelwright_triton\w*", after)
    }
    assert shown == {name for name, stems in RUNTIME_USERS.items() if stem in stems}
