"""Another index gets nothing installed, and what is yanked is chosen by its pin only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import run
from tests.build_hooks.sample_archives import make_wheel, save
from tests.index.clients import NEW_CLIENTS
from tests.index.servers import python_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.index.clients import Client

pytestmark = pytest.mark.index

OURS = "0.33.0+musa"
OLD = "0.32.0+musa"


def index_of(folder: Path, *wheels: tuple[str, str]) -> Path:
    """Make an index of wheels that require nothing, by version and by what tells them apart."""
    for version, tags in wheels:
        name = f"vllm-{version}-{tags}.whl"
        save(folder / "dist" / name, make_wheel(version, tags=tags))
    done = run("index", "build", folder / "dist", "--to", folder / "public")
    assert done.returncode == 0, done.stderr
    return folder / "public"


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    public = index_of(tmp_path / "ours", (OURS, "py3-none-any"), (OLD, "py3-none-any"))
    with python_server(public) as (url, _):
        yield public, url


@pytest.fixture
def attacker(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve a higher version, and the very same one with other bytes."""
    wheels = (("99.0", "py3-none-any"), (OURS, "py2.py3-none-any"))
    with python_server(index_of(tmp_path / "theirs", *wheels)) as served:
        yield served


@pytest.fixture
def theirs(attacker: tuple[str, list[str]]) -> str:
    return f"{attacker[0]}/simple/"


def is_ours(site_packages: Path) -> bool:
    """Tell by its tag whose wheel is installed."""
    (folder,) = site_packages.glob("lib/*/site-packages/vllm-*.dist-info")
    return "Tag: py3-none-any" in (folder / "WHEEL").read_text()


def config(public: Path, url: str, kind: str) -> str:
    done = run("index", "client-config", kind, f"vllm=={OURS}", "--to", public, "--url", url)
    assert done.returncode == 0, done.stderr
    return done.stdout


def digest_of(public: Path) -> str:
    (digest,) = re.findall(r"--hash=sha256:(\w+)", config(public, "x", "pip"))
    return str(digest)


def test_what_pip_does_by_itself_is_the_attack(
    client: Callable[[str], Client], ours: tuple[Path, str], theirs: str
) -> None:
    pip = client("pip newest")
    words = ("--index-url", f"{ours[1]}/simple/", "--extra-index-url", theirs)
    assert pip.install(*words, "vllm").returncode == 0
    assert pip.installed("vllm") == "99.0"


@pytest.mark.parametrize("name", ["pip 19.2", "pip newest"])
def test_pip_asks_nobody_else_whatever_is_configured(
    name: str,
    client: Callable[[str], Client],
    ours: tuple[Path, str],
    attacker: tuple[str, list[str]],
    tmp_path: Path,
) -> None:
    pip = client(name)
    path = tmp_path / "vllm.txt"
    path.write_text(config(*ours, "pip"), encoding="utf-8")
    done = pip.install("-r", path, PIP_EXTRA_INDEX_URL=f"{attacker[0]}/simple/")
    assert done.returncode == 0, done.stderr
    assert is_ours(pip.python.parent.parent)
    assert attacker[1] == []


def test_uv_refuses_the_bytes_of_another_index(
    client: Callable[[str], Client], ours: tuple[Path, str], theirs: str, tmp_path: Path
) -> None:
    uv = client("uv newest")
    path = tmp_path / "vllm.txt"
    path.write_text(config(*ours, "pip"), encoding="utf-8")
    # It asks an extra index first, and takes the first that has the name.
    done = uv.install("-r", path, UV_EXTRA_INDEX_URL=theirs)
    assert done.returncode != 0
    assert "hash" in done.stderr.lower()


@pytest.mark.parametrize("name", ["uv 0.4.30", "uv newest"])
def test_a_uv_project_takes_ours_and_locks_its_hash(
    name: str, client: Callable[[str], Client], ours: tuple[Path, str], theirs: str, tmp_path: Path
) -> None:
    uv = client(name)
    project = tmp_path / "project"
    project.mkdir()
    text = config(*ours, "uv")
    (dependencies,) = re.findall(r"dependencies = \[.*\]", text.partition("[[")[0])
    head = f'[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.10"\n{dependencies}\n\n'
    default = f'\n[[tool.uv.index]]\nname = "theirs"\nurl = "{theirs}"\ndefault = true\n'
    (project / "pyproject.toml").write_text(head + text + default, encoding="utf-8")
    done = uv.run("lock", "--project", project, "--python", uv.python)
    assert done.returncode == 0, done.stderr
    lock = (project / "uv.lock").read_text(encoding="utf-8")
    assert f"sha256:{digest_of(ours[0])}" in lock
    assert "99.0" not in lock
    assert theirs not in lock
    done = uv.run("sync", "--locked", "--project", project, "--python", uv.python)
    assert done.returncode == 0, done.stderr
    assert is_ours(project / ".venv")
    # The same for pip: with a hash for everything, more indexes can offer nothing else.
    words = ("--generate-hashes", project / "pyproject.toml", "-o", tmp_path / "all.txt")
    done = uv.run("pip", "compile", "--python", uv.python, *words)
    assert done.returncode == 0, done.stderr
    pip = client("pip newest")
    indexes = ("--index-url", theirs, "--extra-index-url", f"{ours[1]}/simple/")
    done = pip.install("--require-hashes", "-r", tmp_path / "all.txt", *indexes)
    assert done.returncode == 0, done.stderr
    assert is_ours(pip.python.parent.parent)


@pytest.mark.parametrize("name", ["pip 19.2", *NEW_CLIENTS])
def test_what_is_yanked_is_installed_by_exact_pin_only(
    name: str, client: Callable[[str], Client], ours: tuple[Path, str]
) -> None:
    who = client(name)
    public, url = ours
    done = run("index", "yank", OURS, "--reason", 'loses <b>"requests"', "--to", public)
    assert done.returncode == 0, done.stderr
    words = ("--index-url", f"{url}/simple/")
    assert who.install(*words, "vllm").returncode == 0
    assert who.installed("vllm") == OLD
    done = who.install(*words, f"vllm=={OURS}")
    assert done.returncode == 0, done.stderr
    assert who.installed("vllm") == OURS
    assert 'loses <b>"requests"' in done.stdout + done.stderr
    assert run("index", "unyank", OURS, "--to", public).returncode == 0
    assert who.install(*words, "--no-cache-dir", "vllm").returncode == 0
    assert who.installed("vllm") == OURS
