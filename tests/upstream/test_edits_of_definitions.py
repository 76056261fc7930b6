"""The edits of definitions, on upstream's own: it compiles, and all the rest is as it was."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import enum
import inspect
import io
from collections import Counter
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from pyflakes.api import check
from pyflakes.reporter import Reporter

from build_hooks.artifact import open_artifact
from tests.transforms.trees import NAME, patch
from tests.wheels.real import OFFICIAL, artifact
from transforms.edits import AddMember, ReplaceFunction, SubclassAndRebind, WrapFunction
from transforms.engine.apply import apply_sites
from transforms.engine.checks import check_edited
from transforms.engine.edit import scope_node, scope_paths
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.syntax.canonical import body_hash
from transforms.engine.syntax.source import Source

if TYPE_CHECKING:
    from transforms.engine.edit import Edit
    from transforms.engine.syntax.source import Tree

pytestmark = [pytest.mark.upstream, pytest.mark.parametrize("release", OFFICIAL)]

_OLDEST = (3, 10)
_PRIVATE = "_wheelwright_original_"
_FUNCTIONS = {
    "a method": "vllm.v1.core.sched.scheduler.Scheduler.schedule",
    "a constructor": "vllm.v1.core.sched.scheduler.Scheduler.__init__",
    "a static method": "vllm.v1.engine.core.EngineCoreProc.run_engine_core",
    "a class method": "vllm.v1.engine.async_llm.AsyncLLM.from_vllm_config",
    "an async function": "vllm.v1.engine.async_llm.AsyncLLM.abort",
    "an async generator": "vllm.v1.engine.async_llm.AsyncLLM.generate",
    "a property": "vllm.v1.engine.async_llm.AsyncLLM.is_running",
    "in inference mode": "vllm.v1.worker.gpu_model_runner.GPUModelRunner.execute_model",
    "several decorators": "vllm.v1.worker.gpu_worker.Worker.execute_model",
    "a context manager": "vllm.forward_context.set_forward_context",
    "a generator": "vllm.utils.collection_utils.chunk_list",
}


@pytest.fixture(scope="module")
def trees() -> dict[str, Tree]:
    """Give each release's tree, opened once."""
    return {release: open_artifact(artifact(release)) for release in OFFICIAL}


@pytest.fixture
def tree(release: str, trees: dict[str, Tree]) -> Tree:
    return trees[release]


def _applied(edit: Edit, tree: Tree, release: str) -> tuple[str, str]:
    """Apply an edit, check the result, and give the file before and after."""
    patches = {NAME: patch(edit)}
    outcomes = match_patches(patches, tree, release)
    assert [item.status for item in outcomes] == [Status.APPLIED], outcomes
    (file,) = files = apply_sites(outcomes, tree)
    assert file.before is not None
    assert check_edited(files, patches, tree, release, oldest=_OLDEST) == []
    before, after = file.before.decode(), file.after.decode()
    assert _messages(after) - _messages(before) == Counter()
    return before, after


def _messages(code: str) -> Counter[str]:
    """Give what pyflakes says of a file, without the places."""
    out = io.StringIO()
    check(code, "m", Reporter(out, out))
    return Counter(
        line.partition(": ")[2].partition(" ")[2] for line in out.getvalue().splitlines()
    )


def _same_but(before: str, after: str, undo: ast.NodeTransformer) -> bool:
    """Compare two files as syntax, after undoing what an edit did to the second."""
    return ast.dump(ast.parse(before)) == ast.dump(undo.visit(ast.parse(after)))


class _Unwrap(ast.NodeTransformer):
    """Give the original its name and decorators again, and leave the wrapper out."""

    wrapper: ast.FunctionDef | ast.AsyncFunctionDef

    def generic_visit(self, node: ast.AST) -> ast.AST:
        body = getattr(node, "body", None)
        names = [getattr(item, "name", "") for item in body] if isinstance(body, list) else []
        for number, name in enumerate(names):
            if name.startswith(_PRIVATE) and isinstance(body, list):
                self.wrapper = body.pop(number - 1)
                body[number - 1].name = self.wrapper.name
                body[number - 1].decorator_list = self.wrapper.decorator_list
        return super().generic_visit(node)


@pytest.mark.parametrize("inside", _FUNCTIONS.values(), ids=list(_FUNCTIONS))
@pytest.mark.parametrize("code", [{"before": "pass", "after": "pass"}, {"before": "pass"}])
def test_a_function_is_wrapped_and_stays(
    inside: str, code: dict[str, str], tree: Tree, release: str
) -> None:
    before, after = _applied(WrapFunction(inside=inside, **code), tree, release)
    undo = _Unwrap()
    assert _same_but(before, after, undo)
    assert undo.wrapper.name == inside.rpartition(".")[2]
    kept = iter(after.splitlines())
    # Every line of upstream's but the one with the name is there, in the same order.
    lost = [line for line in before.splitlines() if line not in kept]
    assert lost == []


class _WithoutClass(ast.NodeTransformer):
    """Leave out a class that derives from one of its own name."""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST | None:
        bases = [getattr(base, "id", "") for base in node.bases]
        return None if bases == [node.name] else self.generic_visit(node)


def test_a_class_is_derived_from_before_anything_looks_it_up(tree: Tree, release: str) -> None:
    edit = SubclassAndRebind(
        inside="vllm.v1.core.single_type_kv_cache_manager.MambaManager",
        code="def free(self, request_id):\n    super().free(request_id)",
    )
    before, after = _applied(edit, tree, release)
    assert _same_but(before, after, _WithoutClass())
    body = ast.parse(after).body
    first, second = (
        number for number, item in enumerate(body) if getattr(item, "name", "") == "MambaManager"
    )
    used = [
        number
        for number, item in enumerate(body)
        for node in ast.walk(item)
        if isinstance(node, ast.Name)
        and node.id == "MambaManager"
        and number not in {first, second}
    ]
    assert second == first + 1 < min(used)


def _class_alone(code: str, name: str) -> Any:  # noqa: ANN401 - a class with whatever it has
    """Execute one class, with stand-ins for what else its module has."""
    node = next(
        item
        for item in ast.parse(code).body
        if isinstance(item, ast.ClassDef) and item.name == name
    )
    # Any other decorator is a stand-in, and would take the class's place.
    node.decorator_list = [
        item for item in node.decorator_list if ast.unparse(item) in {"config", "dataclass"}
    ]
    future = ast.parse("from __future__ import annotations").body
    names = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
    scope: dict[str, Any] = {word: MagicMock() for word in names - set(vars(builtins))}
    scope |= {"__name__": __name__, "dataclass": dataclasses.dataclass, "enum": enum}
    scope |= {"field": dataclasses.field, "config": dataclasses.dataclass}
    module = ast.Module([*future, node], [])
    exec(compile(module, "m", "exec", dont_inherit=True), scope)  # noqa: S102
    return scope[name]


@pytest.mark.parametrize(
    ("inside", "code", "default"),
    [
        ("vllm.v1.core.sched.output.SchedulerOutput", "wheelwright: int", inspect.Parameter.empty),
        ("vllm.v1.core.sched.output.SchedulerOutput", "wheelwright: int = 1", 1),
        ("vllm.config.cache.CacheConfig", 'wheelwright: int = 1\n"""A text."""', 1),
        ("vllm.config.parallel.ParallelConfig", "wheelwright: int", inspect.Parameter.empty),
    ],
)
def test_a_dataclass_gains_a_field(
    inside: str,
    code: str,
    default: object,
    tree: Tree,
    release: str,
) -> None:
    before, after = _applied(AddMember(inside=inside, code=code), tree, release)
    name = inside.rpartition(".")[2]
    old, new = (inspect.signature(_class_alone(text, name)).parameters for text in (before, after))
    assert [item for item in new if item != "wheelwright"] == list(old)
    assert new["wheelwright"].default == default
    assert (list(new)[-1] == "wheelwright") == (default == 1)


@pytest.mark.parametrize(
    ("inside", "value"),
    [
        ("vllm.v1.engine.FinishReason", "99"),
        ("vllm.v1.request.RequestStatus", "enum.auto()"),
        ("vllm.config.compilation.CUDAGraphMode", "(NONE, FULL)"),
    ],
)
def test_an_enum_gains_a_member(inside: str, value: str, tree: Tree, release: str) -> None:
    edit = AddMember(inside=inside, code=f"WHEELWRIGHT = {value}")
    before, after = _applied(edit, tree, release)
    old, new = (_class_alone(text, inside.rpartition(".")[2]) for text in (before, after))
    kept = {item.name: item.value for item in new}
    assert kept.pop("WHEELWRIGHT") not in kept.values()
    assert kept == {item.name: item.value for item in old}


def test_a_class_gains_a_base_and_a_method(tree: Tree, release: str) -> None:
    inside = "vllm.v1.core.sched.scheduler.Scheduler"
    before, after = _applied(AddMember(inside=inside, base="object"), tree, release)
    header = "class Scheduler(SchedulerInterface"
    assert before.count(f"{header})") == 1
    assert after == before.replace(header, f"{header}, object")
    method = "def wheelwright(self): return 1"
    before, after = _applied(AddMember(inside=inside, code=method), tree, release)
    assert after.replace(f"\n    {method}\n", "", 1) == before


@pytest.mark.parametrize("inside", _FUNCTIONS.values(), ids=list(_FUNCTIONS))
def test_a_function_is_replaced_as_long_as_it_is_the_one_that_was_read(
    inside: str, tree: Tree, release: str
) -> None:
    paths = scope_paths(inside, tree)
    assert isinstance(paths, tuple)
    located = scope_node(inside, Source(paths[0], tree.read(paths[0])), tree)
    assert isinstance(located, tuple)
    node = located[1]
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    known = body_hash(node)
    node.body.append(ast.Pass())
    code = ast.unparse(node)
    edit = ReplaceFunction(inside=inside, code=code, bodies={f"=={release}": known})
    _, after = _applied(edit, tree, release)
    assert code.splitlines()[-2].strip() in after
    other = ReplaceFunction(inside=inside, code=code, bodies={f"!={release}": known})
    (outcome,) = match_patches({NAME: patch(other)}, tree, release)
    assert outcome.status is Status.DRIFTED
