"""What a CUDA build requires: on Windows what has builds for it, elsewhere what it ever did."""

from __future__ import annotations

import ast
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.windows.release import built_file, stock_file, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.windows

ONLY = "windows/setup_requirements"
# These had no wheel for Windows in the versions that some release pins, when that was asked of the
# index; or they need one of the others.
NOT_FOR_WINDOWS = {
    "flashinfer-cubin",
    "flashinfer-python",
    "instanttensor",
    "nvidia-cutlass-dsl",
    "quack-kernels",
    "tilelang",
    "tokenspeed-mla",
}
RELEASES = ("0.14.1", "0.20.0", "0.25.1", "0.33.0")


@pytest.fixture
def root(release: str, tmp_path: Path) -> Path:
    """Give a folder with upstream's lists of requirements."""
    (tmp_path / "requirements").mkdir()
    for path in tree(release):
        if path.startswith("requirements/") and path.count("/") == 1:
            (tmp_path / path).write_bytes(tree(release).read(path))
    return tmp_path


def required(setup: bytes, root: Path, system: str, cuda: str = "13.0") -> set[str]:
    """Run the function of a setup.py for a system and a CUDA, and give the names it requires."""
    (function,) = (
        node
        for node in ast.parse(setup).body
        if isinstance(node, ast.FunctionDef) and node.name == "get_requirements"
    )
    names: dict[str, object] = {
        "ROOT_DIR": root,
        "sys": SimpleNamespace(platform=system, argv=["setup.py"]),
        "torch": SimpleNamespace(version=SimpleNamespace(cuda=cuda)),
        "_no_device": lambda: False,
        "_is_cuda": lambda: True,
    }
    text = compile(ast.Module(body=[function], type_ignores=[]), "setup.py", "exec")
    exec(text, names)  # noqa: S102 - it is upstream's function, and this is what it is for
    get_requirements: Callable[[], list[str]] = names["get_requirements"]  # type: ignore[assignment]
    # setuptools takes what stands behind a number sign for a comment.
    lines = [line.partition(" #")[0] for line in get_requirements()]
    return {canonicalize_name(Requirement(line).name) for line in lines}


@pytest.mark.parametrize("release", RELEASES)
def test_windows_is_asked_for_nothing_without_builds(release: str, root: Path) -> None:
    stock = required(stock_file(release, "setup.py"), root, "win32")
    assert stock & NOT_FOR_WINDOWS
    ours = required(built_file(release, "setup.py", ONLY), root, "win32")
    assert ours == stock - NOT_FOR_WINDOWS


@pytest.mark.parametrize("cuda", ["12.9", "13.0"])
@pytest.mark.parametrize("release", RELEASES)
def test_linux_requires_what_it_does(release: str, cuda: str, root: Path) -> None:
    stock = required(stock_file(release, "setup.py"), root, "linux", cuda)
    assert required(built_file(release, "setup.py", ONLY), root, "linux", cuda) == stock
