"""pip and uv install every platform's wheel from files that a web server has."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from packaging.metadata import Metadata

from build_hooks.index.layout import SIMPLE_JSON
from build_hooks.index.publishing import read_entries
from build_hooks.index.store import open_store
from tests.build_hooks.command_line import run
from tests.index.clients import CLIENTS, NEW_CLIENTS
from tests.index.conftest import PLATFORMS
from tests.index.servers import fetch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.index.clients import Client

pytestmark = pytest.mark.index

MUSA = "0.33.0+musa"


def requirements(public: Path, url: str, pin: str, path: Path) -> Path:
    """Write what `client-config pip` says."""
    done = run("index", "client-config", "pip", pin, "--to", public, "--url", url)
    assert done.returncode == 0, done.stderr
    path.write_text(done.stdout, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_installs_by_name_and_version(
    name: str, client: Callable[[str], Client], python_url: tuple[str, list[str]]
) -> None:
    who = client(name)
    done = who.install("--index-url", f"{python_url[0]}/simple/", f"vllm=={MUSA}")
    assert done.returncode == 0, done.stderr
    assert who.installed("vllm") == MUSA


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_installs_what_client_config_says_by_hash(
    name: str,
    client: Callable[[str], Client],
    public: Path,
    python_url: tuple[str, list[str]],
    tmp_path: Path,
) -> None:
    who = client(name)
    path = requirements(public, python_url[0], f"vllm=={MUSA}", tmp_path / "vllm.txt")
    done = who.install("--require-hashes", "-r", path)
    assert done.returncode == 0, done.stderr
    assert who.installed("vllm") == MUSA
    lines = path.read_text().replace("--hash=sha256:", "--hash=sha256:0")
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("\n".join(line[:82] for line in lines.splitlines() if line[:1] != "#"))
    refused = who.install("--require-hashes", "-r", wrong)
    assert refused.returncode != 0
    assert "hash" in (refused.stdout + refused.stderr).lower()


@pytest.mark.parametrize("name", NEW_CLIENTS)
@pytest.mark.parametrize("number", range(len(PLATFORMS)))
def test_every_platform_is_installed_from_nginx(
    name: str,
    number: int,
    client: Callable[[str], Client],
    nginx_url: str,
    versions: dict[str, str],
) -> None:
    who = client(name)
    version = sorted(versions.values())[number]
    done = who.install("--index-url", f"{nginx_url}/simple/", f"vllm=={version}")
    assert done.returncode == 0, done.stderr
    assert who.installed("vllm") == version


@pytest.mark.parametrize("name", ["pip 22.3", "pip 23.2", *NEW_CLIENTS])
def test_metadata_are_read_without_the_wheel(
    name: str, client: Callable[[str], Client], python_url: tuple[str, list[str]]
) -> None:
    who, (url, asked) = client(name), python_url
    before = len(asked)
    # Refused for what METADATA asks for, which is not on this index: no wheel is needed for that.
    words = ["--index-url", f"{url}/simple/", f"vllm=={MUSA}"]
    if who.is_uv:
        done = who.run("pip", "install", "-p", who.python, "--no-cache", "--dry-run", *words)
    else:
        done = who.run("install", "--no-cache-dir", "--dry-run", "--ignore-installed", *words)
    assert done.returncode != 0
    fetched = [path for path in asked[before:] if path.startswith("/files/")]
    assert {path.rpartition(".")[2] for path in fetched} == {"metadata"}


def test_a_server_may_choose_by_what_the_client_accepts(nginx_url: str) -> None:
    for folder in ("simple/", "simple/vllm/"):
        kind, data = fetch(f"{nginx_url}/{folder}", f"{SIMPLE_JSON}, text/html;q=0.1")
        assert kind == SIMPLE_JSON
        assert json.loads(data)["meta"]["api-version"] == "1.1"
        kind, data = fetch(f"{nginx_url}/{folder}", "text/html")
        assert kind == "text/html"
        assert data.startswith(b"<!DOCTYPE html>")
    kind, _ = fetch(f"{nginx_url}/index.html")
    assert kind == "text/html"


@pytest.mark.parametrize("accepts", ["text/html", SIMPLE_JSON])
def test_a_reader_of_its_own_agrees(
    accepts: str, nginx_url: str, public: Path, dist: Path, tmp_path: Path
) -> None:
    from pypi_simple import PyPISimple  # noqa: PLC0415 - the default tests lack it

    with PyPISimple(f"{nginx_url}/simple/", accept=accepts) as index:
        assert index.get_index_page().projects == ["vllm"]
        page = index.get_project_page("vllm")
        entries = read_entries(open_store(str(public)))
        assert {package.filename for package in page.packages} == {*entries}
        for package in page.packages:
            entry = entries[package.filename]
            assert (package.project, package.version) == ("vllm", entry.version)
            assert package.package_type == entry.kind
            assert package.digests == {"sha256": entry.sha256}
            assert package.requires_python == entry.requires_python
            assert not package.is_yanked
            if accepts == SIMPLE_JSON:
                assert package.size == entry.size
                assert package.upload_time is not None
            assert bool(package.has_metadata) == (entry.kind == "wheel")
            if package.has_metadata:
                metadata = index.get_package_metadata_bytes(package)
                assert hashlib.sha256(metadata).hexdigest() == entry.metadata_sha256
                read = Metadata.from_email(metadata, validate=True)
                assert (read.name, str(read.version)) == ("vllm", entry.version)
        sdist = next(package for package in page.packages if package.package_type == "sdist")
        index.download_package(sdist, tmp_path / sdist.filename)
        assert (tmp_path / sdist.filename).read_bytes() == (dist / sdist.filename).read_bytes()


def test_an_install_without_a_network(
    client: Callable[[str], Client],
    public: Path,
    python_url: tuple[str, list[str]],
    tmp_path: Path,
) -> None:
    path = requirements(public, python_url[0], f"vllm=={MUSA}", tmp_path / "vllm.txt")
    pins = tmp_path / "pins.txt"
    lines = path.read_text().splitlines(keepends=True)
    pins.write_text("".join(line for line in lines if not line.startswith("--index-url")))
    pip, uv = map(client, NEW_CLIENTS)
    mirror = tmp_path / "mirror"
    done = pip.run("download", "--no-deps", "-r", path, "-d", mirror)
    assert done.returncode == 0, done.stderr
    for who in (pip, uv):
        offline = ("--no-index", "--find-links", mirror)
        done = who.install(*offline, "--require-hashes", "-r", pins)
        assert done.returncode == 0, done.stderr
        assert who.installed("vllm") == MUSA
    # uv needs no mirror: what it has once installed lies in its cache.
    assert uv.install("-r", path).returncode == 0
    asked = len(python_url[1])
    words = ("pip", "install", "-p", uv.python, "--reinstall-package", "vllm", "--no-deps")
    done = uv.run(*words, "--offline", "-r", path)
    assert done.returncode == 0, done.stderr
    assert len(python_url[1]) == asked
