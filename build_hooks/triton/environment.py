"""An interpreter that has the Triton that is asked for: the user's, or one made for the purpose."""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_version
from packaging.version import InvalidVersion, Version

from build_hooks.errors import NetworkError, OutputError, TritonError, UsageError
from build_hooks.fetch.cache import cache_root

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from build_hooks.settings import Settings

OLDEST_PYTHON = (3, 10)
FOLDER = "triton"
# Triton 3.1.0 imports setuptools without saying so; kernels' modules use packaging.
_NEEDED = ("packaging", "setuptools")
# Standard output is what an import may write to.
_PROBE = """
import json, sys
found = {"python": sys.version_info[:2], "triton": None, "error": ""}
try:
    import triton
    found["triton"] = triton.__version__
except Exception as error:
    found["error"] = f"{type(error).__name__}: {error}"
print(json.dumps(found), file=sys.stderr)
"""
# What pip writes where an index cannot be reached, before it says that it found nothing.
_UNREACHED = ("Retrying (", "Could not fetch URL", "Max retries exceeded")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python with a Triton.

    Attributes:
        python: its program.
        triton: its Triton's version.
    """

    python: str
    triton: str


def provide(triton: str | None, python: str | None, settings: Settings) -> Interpreter:
    """Give an interpreter that has a Triton.

    Args:
        triton: the release; None for whatever the interpreter has.
        python: the user's own interpreter; None for an environment below the cache.
        settings: `cache`, `index` and `offline` count.

    Raises:
        UsageError: neither is given, `triton` is no version, or the interpreter has another one.
        TritonError: the interpreter is unusable, or nothing of that Triton can be installed.
        NetworkError: the index cannot be reached, or `offline` forbids it.
        OutputError: the cache cannot be written.
    """
    if triton is not None:
        _require_version(triton)
    if python is not None:
        found = probe(python)
        if triton is not None and not _is(found.triton, triton):
            raise UsageError(f"{python} has Triton {found.triton}, and --triton is {triton}")
        return found
    if triton is None:
        raise UsageError(
            "name a Triton (--triton 3.1.0), or an interpreter that has one (--python)"
        )
    return _own_environment(triton, settings)


def _require_version(text: str) -> None:
    try:
        Version(text)
    except InvalidVersion as error:
        raise UsageError(f"--triton is {text!r}, which is no version") from error


def probe(python: str) -> Interpreter:
    """Ask an interpreter which Triton it has.

    Raises:
        TritonError: it cannot be run, is too old, or cannot import Triton.
    """
    try:
        done = _run([python, "-c", _PROBE], {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    except OSError as error:
        raise TritonError(f"{python} cannot be run: {error.strerror}") from error
    last = done.stderr.strip().rpartition("\n")[2]
    try:
        found = json.loads(last)
    except ValueError:
        what = f"{python} ended with {done.returncode}, asked for its Triton: {last}"
        raise TritonError(what) from None
    version = tuple(found["python"])
    if version < OLDEST_PYTHON:
        what = f"{python} is Python {_dotted(version)}; 3.10 is the oldest that can report"
        raise TritonError(what)
    if found["triton"] is None:
        step = "install Triton there, or name another interpreter with --python"
        raise TritonError(f"{python} has no Triton: {found['error']}", next_step=step)
    return Interpreter(python, found["triton"])


def _own_environment(triton: str, settings: Settings) -> Interpreter:
    """Find or make the environment of a release of Triton, below the cache."""
    tag = f"{sys.implementation.cache_tag}-{platform.machine().lower()}"
    folder = cache_root(settings.cache) / FOLDER / f"{canonicalize_version(triton)}-{tag}"
    kept = _usable(folder, triton)
    if kept:
        return kept
    if settings.offline:
        what = f"no environment with Triton {triton} is in the cache, and `offline` is set"
        step = "run once without `offline`, or name an interpreter with --python"
        raise NetworkError(f"{what}; looked at {folder}", next_step=step)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _make(temporary, triton, settings)
        # Another process may have been quicker; what is not usable gives way.
        if not _usable(folder, triton):
            shutil.rmtree(folder, ignore_errors=True)
            temporary.rename(folder)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return probe(_program(folder))


def _usable(folder: Path, triton: str) -> Interpreter | None:
    """Give the interpreter of an environment; None where it is not there or has become useless."""
    if not Path(_program(folder)).exists():
        return None
    try:
        found = probe(_program(folder))
    except TritonError:
        return None
    return found if _is(found.triton, triton) else None


def _is(found: str, asked: str) -> bool:
    """Tell whether a version is the one that is asked for, as `==` of PEP 440 does."""
    return SpecifierSet(f"=={asked}").contains(found, prereleases=True)


def _make(folder: Path, triton: str, settings: Settings) -> None:
    """Make an environment with a release of Triton in a new folder."""
    done = _run([sys.executable, "-m", "venv", str(folder)], os.environ)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        step = "install what `python -m venv` needs, or name an interpreter with --python"
        raise TritonError(f"no environment can be made: {said}", next_step=step)
    words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wanted = [f"triton=={triton}", *_NEEDED]
    command = [_program(folder), *words, "--only-binary", ":all:", *wanted]
    done = _run(command, pip_environment(settings.index))
    if done.returncode != 0:
        raise _not_installed(triton, done.stderr)


def _not_installed(triton: str, said: str) -> NetworkError | TritonError:
    """Say why pip could not install a Triton: no network, or nothing for this Python."""
    lines = [line for line in said.splitlines() if line.startswith("ERROR")] or [said.strip()]
    if any(word in said for word in _UNREACHED):
        step = "check the network, or name an index that has it with the setting `index`"
        return NetworkError(f"Triton {triton} cannot be installed: {lines[-1]}", next_step=step)
    what = (
        f"no wheel of Triton {triton} for Python {_dotted(sys.version_info[:2])} on "
        f"{platform.system()} {platform.machine()}: {lines[0].removeprefix('ERROR: ')}"
    )
    step = "name another release, or with --python an interpreter of a Python that has wheels of it"
    return TritonError(what, next_step=step)


def pip_environment(index: str | None) -> Mapping[str, str]:
    """Give an environment in which pip looks where the rest of this project does.

    Without our own setting it is this process's: pip reads its own configuration best. With it,
    nothing that pip is configured with counts but how to reach the network.

    Args:
        index: the setting `index`.
    """
    if index is None:
        return os.environ
    from build_hooks.fetch.index_config import choose_index  # noqa: PLC0415 - only where it is set

    config = choose_index(index)
    urls = [_url(one.url) for one in config.sources if one.kind == "index"]
    links = [one.url for one in config.sources if one.kind == "links"]
    given = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": urls[0],
        "PIP_EXTRA_INDEX_URL": " ".join(urls[1:]),
        "PIP_FIND_LINKS": " ".join(links),
        "PIP_TRUSTED_HOST": " ".join(config.trusted_hosts),
        "PIP_CERT": config.ca_file or "",
        "PIP_CLIENT_CERT": config.client_cert or "",
        "PIP_PROXY": config.proxy or "",
        "PIP_DEFAULT_TIMEOUT": f"{config.timeout:.0f}",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    # pip takes an empty variable for one that is not there.
    return {**kept, **given}


def _url(location: str) -> str:
    return location if "://" in location else Path(location).as_uri()


def _program(folder: Path) -> str:
    windows = sys.platform == "win32"
    return str(folder / ("Scripts/python.exe" if windows else "bin/python"))


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version[:2]))


def _run(command: list[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the interpreter that the user names, or our own
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
