"""Imports, functions on nodes and the checks, on real modules of upstream."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import isort
import libcst as cst
import pytest

from build_hooks.metadata import oldest_python
from build_hooks.pipeline import Plan, make_plan, match
from build_hooks.settings import read_settings
from tests.transforms.trees import MemoryTree, patch
from tests.wheels.real import real_environment
from transforms.edits import AddArgument, AddImport, GuardImport, InsertBefore, Remove, Rewrite
from transforms.engine.apply import apply_sites
from transforms.engine.checks import check_edited
from transforms.engine.checks.names import new_loose_names
from transforms.engine.checks.quiet import is_quiet
from transforms.engine.checks.touched import touched_modules
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transforms.engine.edit import Edit

pytestmark = pytest.mark.upstream

ISORT = isort.Config(profile="black", known_first_party=["vllm"])
NEW = [
    "import zlib",
    "import a_third_party as other",
    "import torch_musa  # noqa: F401",
    "from typing import Wheelwright",
    "from torch import Wheel, Wheelwright",
    "from vllm.platforms import wheelwright",
    "from . import wheelwright",
    "from __future__ import generator_stop",
]
RELEASES = ("0.9.2", "0.20.0", "0.33.0")


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    def plan(release: str) -> Plan:
        settings = {"platform": "musa", "vllm": release}
        return make_plan(read_settings(settings, real_environment()))

    return {release: plan(release) for release in RELEASES}


def _excerpt(plan: Plan, *paths: str) -> MemoryTree:
    return MemoryTree.of({path: plan.artifact.read(path) for path in paths})


def _modules(plan: Plan, count: int) -> list[str]:
    every = sorted(
        path for path in plan.artifact if path.startswith("vllm/") and path.endswith(".py")
    )
    return every[:: len(every) // count]


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _after(tree: MemoryTree, edit: Edit, path: str, release: str) -> str:
    (outcome,) = match_patches({"p/a": patch(edit)}, tree, release)
    assert outcome.status is Status.APPLIED, (path, outcome)
    (file,) = apply_sites([outcome], tree)
    compile(file.after, path, "exec", dont_inherit=True)
    (again,) = match_patches({"p/a": patch(edit)}, MemoryTree.of({path: file.after}), release)
    assert (again.status, again.sites) == (Status.OBSOLETE, ())
    return file.after.decode()


@pytest.mark.parametrize("release", RELEASES)
def test_isort_leaves_added_imports_where_they_are(plans: dict[str, Plan], release: str) -> None:
    clean = 0
    for path in _modules(plans[release], 160):
        text = plans[release].artifact.read(path).decode()
        tree = MemoryTree.of({path: text.encode()})
        # An `isort:skip` is obeyed by isort alone.
        if clean == 50 or "isort:" in text or isort.code(text, config=ISORT) != text:
            continue
        clean += 1
        for code in NEW:
            edit = AddImport(inside=_dotted(path), code=code)
            after = _after(tree, edit, path, release)
            assert isort.code(after, config=ISORT) == after, (path, code)
    assert clean == 50


@pytest.mark.parametrize("release", RELEASES)
def test_real_imports_are_guarded(plans: dict[str, Plan], release: str) -> None:
    plan = plans[release]
    guarded = 0
    for path in plan.artifact:
        if not path.startswith("vllm/") or not path.endswith(".py"):
            continue
        data = plan.artifact.read(path)
        for name in ("uvloop", "fcntl", "resource"):
            if f"\nimport {name}\n".encode() in data and data.count(f"import {name}".encode()) == 1:
                edit = GuardImport(inside=_dotted(path), find=f"import {name}")
                after = _after(MemoryTree.of({path: data}), edit, path, release)
                assert f"try:\n    import {name}\nexcept ImportError:\n    {name} = None\n" in after
                if isort.code(data.decode(), config=ISORT) == data.decode():
                    assert isort.code(after, config=ISORT) == after
                guarded += 1
    assert guarded >= 3


def _is_cuda_alike(call: cst.Call) -> cst.Call:
    function = call.func
    if not isinstance(function, cst.Attribute) or function.attr.value != "is_cuda":
        return call
    return call.with_changes(func=function.with_changes(attr=cst.Name("is_cuda_wheelwright")))


@pytest.mark.parametrize("release", RELEASES)
def test_a_function_on_nodes_changes_just_the_calls_that_it_is_for(
    plans: dict[str, Plan], release: str
) -> None:
    plan = plans[release]
    rewritten = 0
    for path in plan.artifact:
        data = plan.artifact.read(path) if path.startswith("vllm/") and path[-3:] == ".py" else b""
        count = sum(
            isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "is_cuda"
            for node in (ast.walk(ast.parse(data)) if b".is_cuda()" in data else ())
        )
        if not count or rewritten == 6 or len(data) > 40_000:
            continue
        edit = Rewrite(
            inside=_dotted(path),
            node=cst.Call,
            function=_is_cuda_alike,
            done="$x.is_cuda_wheelwright()",
            count=count,
        )
        after = _after(MemoryTree.of({path: data}), edit, path, release)
        assert after.count(".is_cuda_wheelwright()") == count
        assert after.replace("is_cuda_wheelwright", "is_cuda").encode() == data
        rewritten += 1
    assert rewritten == 6


@pytest.mark.parametrize("release", RELEASES)
def test_the_checks_have_nothing_to_say_of_the_real_patches(
    plans: dict[str, Plan], release: str
) -> None:
    plan = plans[release]
    files = apply_sites(match(plan), plan.artifact, notice="notice")
    oldest = oldest_python(plan.metadata.requires_python)
    assert check_edited(files, plan.patches, plan.artifact, release, oldest=oldest) == []


@pytest.mark.parametrize("release", RELEASES)
def test_a_file_that_is_passed_over_has_no_loose_names(
    plans: dict[str, Plan], release: str
) -> None:
    plan = plans[release]
    files = apply_sites(match(plan), plan.artifact, notice="notice")
    modules = touched_modules(files, (3, 10))
    assert any(map(is_quiet, modules))
    for module in modules:
        assert new_loose_names(module, (3, 10)) == [], module.path


WORKER = "vllm/v1/worker/gpu_worker.py"
INIT_DEVICE = "vllm.v1.worker.gpu_worker.Worker.init_device"


def _failures(plan: Plan, release: str, edits: Sequence[Edit]) -> list[str]:
    patches = {"p/a": patch(*edits)}
    outcomes = match_patches(patches, plan.artifact, release)
    assert [item.status for item in outcomes] == [Status.APPLIED], outcomes
    files = apply_sites(outcomes, plan.artifact)
    return check_edited(files, patches, plan.artifact, release, oldest=(3, 10))


@pytest.mark.parametrize("release", RELEASES)
def test_planted_mistakes_are_told(plans: dict[str, Plan], release: str) -> None:
    plan = plans[release]
    anchor = 'if $x == "cuda":\n    $$body\nelse:\n    $$other'
    tree = plan.artifact.read(WORKER)
    if b'if self.device_config.device_type == "cuda"' not in tree:
        anchor = 'if self.device_config.device.type == "cuda":\n    $$body\nelse:\n    $$other'
    misspelt = InsertBefore(inside=INIT_DEVICE, anchor=anchor, code="curent_platform.is_cuda()")
    (failure,) = _failures(plan, release, [misspelt])
    assert failure.startswith(f"p/a: {WORKER}:")
    assert (
        "'curent_platform', which is not bound there (did you mean 'current_platform'?)" in failure
    )
    unused = AddImport(inside="vllm.v1.worker.gpu_worker", code="import zlib")
    (failure,) = _failures(plan, release, [unused])
    assert "imports 'zlib', which nothing uses" in failure
    removed = Remove(inside="vllm.v1.worker.gpu_worker", find="import gc")
    failures = _failures(plan, release, [removed])
    assert failures
    assert all("uses 'gc', which is not bound there" in line for line in failures)


@pytest.mark.parametrize("release", RELEASES)
def test_a_changed_signature_is_held_against_the_calls_of_the_whole_tree(
    plans: dict[str, Plan], release: str
) -> None:
    plan = plans[release]
    module, function = "vllm.distributed.utils", "divide"
    broken = AddArgument(inside=f"{module}.{function}", argument="wheelwright")
    failures = _failures(plan, release, [broken])
    calls = [
        f"p/a: {path}:{node.lineno}"
        for path in sorted(plan.artifact)
        if path.startswith("vllm/") and path.endswith(".py")
        for data in [plan.artifact.read(path)]
        if b"divide(" in data
        for node in ast.walk(ast.parse(data))
        if isinstance(node, ast.Call)
        and function in {getattr(node.func, "id", ""), getattr(node.func, "attr", "")}
    ]
    assert sorted(line.split(" calls ")[0] for line in failures) == sorted(calls)
    assert len(failures) >= 10
    assert all(f"which fitted {function}(numerator, denominator)" in line for line in failures)
    fine = AddArgument(inside=f"{module}.{function}", argument="wheelwright=None")
    assert _failures(plan, release, [fine]) == []
