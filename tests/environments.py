"""Environments for tests that run vLLM: torch for the CPU, and what a wheel requires."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

TORCH = "torch==2.13.0"
# These have no builds beside every torch, and nothing that is tested needs them.
_LEFT_OUT = {"torch", "torchaudio", "torchcodec", "torchvision"}
# A bundle of certificates: any will do, and an index may be days behind the bound.
_ANY_VERSION = {"certifi"}
# The GPU model runner needs it, but it is a requirement of the builds for CUDA and ROCm only.
_ALSO = ["numba"]
# The release allows newer ones that it does not work with.
_HELD_BACK = {"0.9.2": ["transformers<4.54"]}


def requirements_of(wheel: Path) -> list[str]:
    """Give what a wheel requires, without extras and without what stays out."""
    with zipfile.ZipFile(wheel) as archive:
        (member,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(member).decode())
    return installable(headers.get_all("Requires-Dist", ()))


def installable(requirements: Iterable[str]) -> list[str]:
    """Give the requirements without those of extras and without what stays out."""
    parsed = [Requirement(text) for text in requirements]
    return [
        item.name if item.name in _ANY_VERSION else str(item)
        for item in parsed
        if item.name not in _LEFT_OUT and "extra" not in str(item.marker)
    ]


def release_environment(environment: Path, release: str, requirements: Sequence[str]) -> Path:
    """Make the environment that a release runs in, unless it is there with the same requirements.

    Args:
        environment: its folder.
        release: the release.
        requirements: what it requires, as `installable` gives it.

    Returns:
        The environment's interpreter. vLLM itself is not installed.
    """
    wanted = [*requirements, *_ALSO, *_HELD_BACK.get(release, [])]
    stamp = environment / "requirements.sha256"
    digest = hashlib.sha256("\n".join([TORCH, *wanted]).encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != digest:
        shutil.rmtree(environment, ignore_errors=True)
        new_environment(environment, wanted)
        stamp.write_text(digest)
    return environment / "bin" / "python"


def new_environment(folder: Path, requirements: Sequence[str]) -> None:
    """Make a virtual environment of this Python with torch and what is required.

    Torch is pip's to install: which of its builds it is may stand in pip's configuration, which uv
    does not read.
    """
    run(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", TORCH)
    uv_install(python, TORCH, *requirements)


def uv_install(python: Path, *words: str | Path) -> None:
    """Install with uv, which takes a quarter of pip's time.

    Args:
        python: the environment's interpreter.
        words: requirements, wheels, options.
    """
    install = ("-m", "uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", python)
    run(sys.executable, *install, *words)


def run(program: str | Path, *words: str | Path) -> None:
    """Run a program that must succeed."""
    subprocess.run([program, *words], check=True)
