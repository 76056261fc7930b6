"""What is around kernels runs on the old Triton as it does on a new one: the real ones decide."""

from __future__ import annotations

import ast
import json
import subprocess
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.rules.triton.conftest import RuleTester
from tests.triton.release import OLD, REFERENCES
from tests.triton.replay import interpreter
from transforms.engine.syntax.source import Source
from transforms.rules.triton.dialect import TRITON_3_1
from transforms.rules.triton.functions import origins
from transforms.rules.triton.host_code import HostNode, host_nodes
from transforms.rules.triton.launch_options import LaunchOptions
from transforms.rules.triton.launches import Launches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.triton.release import Release

pytestmark = pytest.mark.triton
NEWEST = "0.33.0"
UTILS = "vllm.triton_utils"
# Older ones import nothing that the line lacks, and have no such module.
WITH_IMPORTS = {"0.28.0", "0.33.0"}
OURS = "vllm.wheelwright_triton"
NEW = REFERENCES[NEWEST]
LAUNCHES = """
    import triton
    import triton.language as tl


    @triton.jit
    def without(p):
        tl.store(p, 0.0)


    @triton.jit
    def with_it(p, launch_pdl: tl.constexpr):
        tl.store(p, 0.0)


    @triton.autotune(configs=[triton.Config({"B": 1}, num_warps=1)], key=[])
    @triton.heuristics({"C": lambda arguments: 1})
    @triton.jit
    def tuned(p, B: tl.constexpr, C: tl.constexpr):
        tl.store(p, 0.0)


    chosen = with_it if tl else without


    def launch_without(p):
        without[(1,)](p, num_warps=2, launch_pdl=True)


    def launch_false(p):
        without[(1,)](p, launch_pdl=False)


    def launch_with(p):
        with_it[(1,)](p, launch_pdl=True)


    def launch_tuned(p):
        tuned[(1,)](p, launch_pdl=True)


    def launch_warmup(p):
        without.warmup(p, grid=(1,), launch_pdl=True)


    def launch_chosen(p):
        chosen[(1,)](p, launch_pdl=True)


    def launch_flushing(p):
        without[(1,)](p, enable_reflect_ftz=False)


    def launch_gathered(p, early=True):
        more = {"num_warps": 2, "launch_pdl": early}
        without[(1,)](p, **more)
    """
REFUSED = "KeyError: 'Keyword argument {} was specified but unrecognised'"
# A kernel that has the option as a parameter is launched on every Triton.
NEED_IT = {"launch_with", "launch_chosen"}


def _run(triton: str, package: Path, command: str, work: Path) -> dict[str, Any]:
    script = Path(__file__).with_name("host.py")
    called = [interpreter(triton), "-P", str(script), str(package), command, str(work)]
    done = subprocess.run(called, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_stock_triton_utils_stop_at_gluon_on_old_triton(releases: dict[str, Release]) -> None:
    answer = _run(OLD, releases[NEWEST].trees.stock, "import", Path(UTILS))
    assert answer["error"] == "ModuleNotFoundError: No module named 'triton.experimental'"


@pytest.mark.parametrize("first", [UTILS, OURS, f"{OURS}_imports"])
def test_built_triton_utils_are_imported_whatever_is_imported_first(
    releases: dict[str, Release], first: str
) -> None:
    for version, release in releases.items():
        if first == f"{OURS}_imports" and version not in WITH_IMPORTS:
            continue
        answer = _run(OLD, release.trees.built, "import", Path(first))
        assert not answer["error"], version
        assert answer["found"]["has_triton"], version


def test_built_triton_utils_say_what_is_missing(releases: dict[str, Release]) -> None:
    found = _run(OLD, releases[NEWEST].trees.built, "import", Path(UTILS))["found"]
    assert found["gluon.jit"].startswith(
        "AttributeError: triton.experimental.gluon.jit: "
        f"triton.experimental.gluon is not in Triton {OLD}"
    )
    assert f"triton.experimental.gluon.language is not in Triton {OLD}" in found["gl.constexpr"]
    assert found["aggregate()"].startswith(
        f"ImportError: triton.language.core._aggregate is not in Triton {OLD}"
    )


def test_on_new_triton_built_triton_utils_are_what_stock_ones_are(
    releases: dict[str, Release],
) -> None:
    trees = releases[NEWEST].trees
    stock, built = (_run(NEW, tree, "import", Path(UTILS)) for tree in (trees.stock, trees.built))
    assert built == stock
    assert built["found"]["gluon.jit"] == ""


def test_decorators_of_stock_kernels_are_refused_and_built_ones_taken(
    releases: dict[str, Release], tmp_path: Path
) -> None:
    trees = releases[NEWEST].trees
    stock = _run(OLD, trees.stock, "decorate", tmp_path)["found"]
    assert stock
    refused = "TypeError: jit() got an unexpected keyword argument 'do_not_specialize_on_alignment'"
    assert {each["error"] for each in stock.values()} == {refused}
    built = _run(OLD, trees.built, "decorate", tmp_path)["found"]
    assert len(built) == len(stock)
    assert all(each["is_kernel"] and not each["error"] for each in built.values()), built


def test_on_new_triton_built_decorators_give_the_same_hints(
    releases: dict[str, Release], tmp_path: Path
) -> None:
    trees = releases[NEWEST].trees
    stock, built = (
        list(_run(NEW, tree, "decorate", tmp_path)["found"].values())
        for tree in (trees.stock, trees.built)
    )
    assert built == stock
    assert all(each["hinted"] for each in stock)


@pytest.fixture
def launching(tmp_path: Path) -> tuple[Path, Path]:
    """Give a module of launches before and after the rule."""
    before = dedent(LAUNCHES)
    after, problem = RuleTester(LaunchOptions(TRITON_3_1.launch_options)).apply(before)
    assert problem is None
    files = tmp_path / "before.py", tmp_path / "after.py"
    for file, text in zip(files, (before, after), strict=True):
        file.write_text(text, encoding="utf-8")
    return files


def test_old_triton_refuses_the_option_and_launches_without_it(
    releases: dict[str, Release], launching: tuple[Path, Path]
) -> None:
    package = releases[NEWEST].trees.built
    stock, built = (_run(OLD, package, "launch", file)["found"] for file in launching)
    refused = {name: launch["error"] for name, launch in stock.items() if launch["error"]}
    assert refused == {
        name: REFUSED.format("enable_reflect_ftz" if "flushing" in name else "launch_pdl")
        for name in stock.keys() - NEED_IT
    }
    assert {name: launch["error"] for name, launch in built.items() if launch["error"]} == {}
    for name, launch in built.items():
        assert launch["options"], name
        given = {option for options in launch["options"] for option in options}
        assert given & TRITON_3_1.launch_options == ({"launch_pdl"} if name in NEED_IT else set())


def test_new_triton_gets_the_option_as_before(
    releases: dict[str, Release], launching: tuple[Path, Path]
) -> None:
    package = releases[NEWEST].trees.built
    stock, built = (_run(NEW, package, "launch", file) for file in launching)
    assert built == stock
    assert not any(launch["error"] for launch in built["found"].values())
    options = [options for launch in built["found"].values() for options in launch["options"]]
    assert options
    assert all(each.keys() & TRITON_3_1.launch_options for each in options)


def test_the_monitor_of_late_compilation_works_on_old_triton(
    releases: dict[str, Release], launching: tuple[Path, Path]
) -> None:
    trees = releases[NEWEST].trees
    answer = _run(OLD, trees.built, "monitor", launching[1])
    assert not answer["error"]
    assert any("without" in message for message in answer["found"]["heard"])
    assert answer["found"]["print"] == "1"


@cache
def _host_nodes(package: Path) -> list[tuple[Source, list[HostNode]]]:
    sources = [
        Source(path.relative_to(package.parent).as_posix(), data)
        for path in sorted(package.rglob("*.py"))
        if b"triton" in (data := path.read_bytes())
    ]
    return [(source, source.once(host_nodes)) for source in sources]


def _imports(package: Path) -> Iterator[tuple[str, str]]:
    """Give what is imported from Triton, and where."""
    for source, nodes in _host_nodes(package):
        for node in (each.node for each in nodes):
            if isinstance(node, ast.ImportFrom) and not node.level:
                module = node.module or ""
                if module.partition(".")[0] == "triton":
                    for alias in node.names:
                        yield f"{module}.{alias.name}", f"{source.path}:{node.lineno}"


@pytest.mark.parametrize("version", REFERENCES)
def test_the_dialect_says_all_that_a_release_imports_and_the_line_lacks(
    releases: dict[str, Release], version: str, tmp_path: Path
) -> None:
    package = releases[version].trees.stock
    names = sorted({name for name, _ in _imports(package)})
    asked = tmp_path / "names.json"
    asked.write_text(json.dumps(sorted({*names, *TRITON_3_1.imports})), encoding="utf-8")
    lacking = _run(OLD, package, "know", asked)["found"]["lacking"]
    assert set(lacking) == TRITON_3_1.imports
    assert _run(NEW, package, "know", asked)["found"]["lacking"] == []


@pytest.mark.parametrize("version", REFERENCES)
def test_the_dialect_says_all_options_that_a_release_gives_and_the_line_lacks(
    releases: dict[str, Release], version: str, tmp_path: Path
) -> None:
    package = releases[version].trees.stock
    asked = tmp_path / "names.json"
    asked.write_text("[]", encoding="utf-8")
    old, new = (_run(each, package, "know", asked)["found"]["options"] for each in (OLD, NEW))
    assert not TRITON_3_1.jit_options & set(old["jit"])
    assert set(new["jit"]) >= TRITON_3_1.jit_options
    assert not TRITON_3_1.launch_options & set(old["CUDAOptions"])
    assert set(new["CUDAOptions"]) >= TRITON_3_1.launch_options
    known = {name: set(options) for name, options in old.items()}
    known["jit"] |= TRITON_3_1.jit_options
    # What only AMD's compiler knows is given on AMD's GPUs only.
    launched = known["CUDAOptions"] | known["HIPOptions"] | TRITON_3_1.launch_options
    launched |= {"grid", "warmup"}
    unknown = [*_unknown_to_decorators(package, known), *_unknown_to_launches(package, launched)]
    assert unknown == []


def _unknown_to_decorators(package: Path, known: dict[str, set[str]]) -> Iterator[str]:
    called = {f"triton.{name}": name for name in ("jit", "autotune", "heuristics", "Config")}
    for source, nodes in _host_nodes(package):
        for each in nodes:
            if isinstance(each.node, ast.Call):
                for origin in origins(each.node.func, each.scope) & called.keys():
                    for keyword in each.node.keywords:
                        if keyword.arg not in known[called[origin]]:
                            yield f"{source.path}:{each.node.lineno} {origin}({keyword.arg})"


def _unknown_to_launches(package: Path, known: set[str]) -> Iterator[str]:
    for source, nodes in _host_nodes(package):
        launches = Launches(source)
        for each in nodes:
            kernel = (
                launches.kernel_of(each.node, each.scope)
                if isinstance(each.node, ast.Call)
                else None
            )
            if isinstance(each.node, ast.Call) and isinstance(kernel, ast.Name):
                for keyword in each.node.keywords:
                    if (
                        keyword.arg is not None
                        and keyword.arg not in known
                        and launches.takes(keyword.arg, kernel, each.scope) is False
                    ):
                        yield f"{source.path}:{each.node.lineno} {kernel.id}({keyword.arg})"
