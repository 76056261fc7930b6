"""No directive stands in a macro's arguments, and the preprocessor gives what it did before."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.windows.release import built_file, stock_file, stock_folder, tree
from tests.windows.tools import needs
from transforms.platforms.windows._folders import NOT_FOR_WINDOWS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.windows

RULE = "windows/msvc_directives_in_arguments"
SCAN = "windows/msvc_selective_scan"
FILES = [
    ("0.14.1", "csrc/mamba/mamba_ssm/selective_scan_fwd.cu", SCAN),
    ("0.25.1", "csrc/libtorch_stable/mamba/selective_scan_fwd.cu", SCAN),
    ("0.25.1", "csrc/libtorch_stable/moe/topk_softplus_sqrt_kernels.cu", RULE),
    ("0.33.0", "csrc/mamba/selective_scan_fwd.cu", SCAN),
    ("0.33.0", "csrc/moe/topk_softplus_sqrt_kernels.cu", RULE),
    ("0.33.0", "csrc/activation_kernels.cu", RULE),
]
CUDA = (".cu", ".cuh", ".h", ".hpp")
INCLUDE = re.compile(rb"^[ \t]*#[ \t]*include.*", re.MULTILINE)
CALL = re.compile(rb"\b[A-Z][A-Z0-9_]+(?=\()")
DEFINED = re.compile(rb"#[ \t]*define[ \t]+([A-Z][A-Z0-9_]+)\(")


def without_headers(data: bytes) -> bytes:
    """Take the headers out, and define what is called like a macro and not defined in the file."""
    names = set(CALL.findall(data)) - set(DEFINED.findall(data))
    defined = b"".join(b"#define %s(...) __VA_ARGS__\n" % name for name in sorted(names))
    return defined + INCLUDE.sub(b"", data)


def preprocessed(data: bytes, *command: str) -> subprocess.CompletedProcess[bytes]:
    """Preprocess a file without its headers."""
    return subprocess.run(
        [*command, "-E", "-P", "-x", "c++", "-"],
        input=without_headers(data),
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(("version", "path", "patch"), FILES)
def test_clang_finds_no_directive_in_arguments(version: str, path: str, patch: str) -> None:
    command = (needs("clang++-19"), "-Wno-everything", "-Werror=embedded-directive")
    stock = preprocessed(stock_file(version, path), *command)
    assert stock.returncode
    assert b"embedding a directive within macro arguments" in stock.stderr
    ours = preprocessed(built_file(version, path, patch), *command)
    assert (ours.returncode, ours.stderr) == (0, b"")


@pytest.mark.parametrize(("version", "path", "patch"), FILES)
def test_gcc_has_nothing_to_say(version: str, path: str, patch: str) -> None:
    says = b"embedding a directive within macro arguments is not portable"
    command = (needs("g++"), "-Wpedantic")
    assert says in preprocessed(stock_file(version, path), *command).stderr
    assert says not in preprocessed(built_file(version, path, patch), *command).stderr


@pytest.mark.parametrize("version", ["0.14.1", "0.33.0"])
def test_no_other_file_has_one(version: str, tmp_path: Path) -> None:
    """Of all that is compiled for Windows; the files that are changed are above."""
    known = {path for release, path, _ in FILES if release == version}
    others = tuple(f"{folder}/" for folder in NOT_FOR_WINDOWS)
    found, checked = set(), 0
    command = [needs("clang++-19"), "-Wno-everything", "-Wembedded-directive", "-E", "-x", "c++"]
    for path in tree(version):
        if not path.startswith("csrc/") or not path.endswith(CUDA) or path.startswith(others):
            continue
        data = (stock_folder(version) / path).read_bytes()
        if b"#if" not in data:
            continue
        (tmp_path / "file").write_bytes(without_headers(data))
        said = subprocess.run([*command, tmp_path / "file"], capture_output=True, check=False)
        checked += 1
        if b"embedding a directive" in said.stderr:
            found.add(path)
    assert checked > 50
    assert found == known


@pytest.mark.parametrize("options", [(), ("-DUSE_ROCM",)], ids=["CUDA", "ROCm"])
@pytest.mark.parametrize(
    ("version", "path"), [(version, path) for version, path, patch in FILES if patch == RULE]
)
def test_both_systems_compile_what_they_did(
    version: str, path: str, options: tuple[str, ...]
) -> None:
    stock, ours = (
        preprocessed(data, needs("g++"), *options).stdout.split()
        for data in (stock_file(version, path), built_file(version, path, RULE))
    )
    assert len(stock) > 1000
    assert ours == stock
