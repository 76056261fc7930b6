"""Which index is asked: compared with what real pip and uv ask under the same configuration."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from build_hooks.fetch import fetch
from build_hooks.fetch.index_config import choose_index
from build_hooks.fetch.index_source import DEFAULT, Source
from build_hooks.fetch.pip_config import Place
from tests.build_hooks.index_server import IndexServer
from tests.build_hooks.sample_archives import locked, make_wheel, save

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = "https://one.example/simple", "https://two.example/simple"
NAME = "vllm-0.33.0-py3-none-any.whl"
WHEEL = make_wheel()
ENTRY = locked(WHEEL, NAME, kind="wheel")


def place(tmp_path: Path, **variables: str) -> Place:
    environment = {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", **variables}
    return Place(environment, tmp_path, tmp_path, "linux", tmp_path)


def test_our_own_setting_comes_first(tmp_path: Path) -> None:
    config = choose_index(f"{ONE} {TWO}", place(tmp_path, PIP_INDEX_URL="https://p/", UV_INDEX="u"))
    assert config.sources == (Source("index", ONE), Source("index", TWO))
    assert config.origin == "the setting `index`"


def test_a_folder_is_searched_for_files_and_as_a_repository(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    sources = choose_index(str(folder), place(tmp_path)).sources
    assert sources == (Source("links", str(folder)), Source("index", str(folder)))


def test_pip_comes_before_uv_unless_uv_drives_the_build(tmp_path: Path) -> None:
    variables = {"PIP_INDEX_URL": ONE, "UV_DEFAULT_INDEX": TWO}
    assert choose_index(None, place(tmp_path, **variables)).sources == (Source("index", ONE),)
    uv = place(tmp_path, UV="/bin/uv", **variables)
    assert choose_index(None, uv).sources == (Source("index", TWO),)


def test_the_other_tool_counts_where_the_first_says_nothing(tmp_path: Path) -> None:
    assert choose_index(None, place(tmp_path, UV_DEFAULT_INDEX=TWO)).sources[0].url == TWO
    assert choose_index(None, place(tmp_path, UV="x", PIP_INDEX_URL=ONE)).sources[0].url == ONE


def test_nothing_configured_leaves_it_to_the_client(tmp_path: Path) -> None:
    assert choose_index(None, place(tmp_path)).sources == (DEFAULT,)
    assert choose_index("  ", place(tmp_path)).sources == (DEFAULT,)


def test_how_to_reach_the_network_does_not_depend_on_the_index(tmp_path: Path) -> None:
    variables = {
        "PIP_TRUSTED_HOST": "a.example",
        "UV_INSECURE_HOST": "b.example",
        "PIP_PROXY": "http://proxy.example",
        "REQUESTS_CA_BUNDLE": "/requests.pem",
        "UV_HTTP_TIMEOUT": "99",
    }
    config = choose_index(ONE, place(tmp_path, **variables))
    assert config.trusted_hosts == ("a.example", "b.example")
    assert (config.proxy, config.ca_file) == ("http://proxy.example", "/requests.pem")
    assert config.timeout == 99
    with_cert = choose_index(ONE, place(tmp_path, PIP_CERT="/pip.pem", **variables))
    assert with_cert.ca_file == "/pip.pem"


def _pip(tmp_path: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--no-deps"),
        *("--no-cache-dir", "--retries=0", "-d", str(tmp_path / "out"), "vllm==0.33.0"),
    ]


def _uv(tmp_path: Path) -> list[str]:
    return [
        *("uv", "pip", "install", "--no-deps", "--no-cache", "--python", sys.executable),
        *("--target", str(tmp_path / "out"), "vllm==0.33.0"),
    ]


TOOLS = {"pip": _pip, "uv": _uv}
CASES = {
    "pip variable": ("pip", {"PIP_INDEX_URL": "{0}"}, {}),
    "pip extra": ("pip", {"PIP_INDEX_URL": "{empty}", "PIP_EXTRA_INDEX_URL": "{0}"}, {}),
    "pip user file": ("pip", {}, {"home/.config/pip/pip.conf": "[global]\nindex-url={0}\n"}),
    "pip file section": (
        "pip",
        {},
        {
            "home/.config/pip/pip.conf": "[global]\nindex-url={1}\n[download]\nindex-url={0}\n",
        },
    ),
    "pip variable over file": (
        "pip",
        {"PIP_INDEX_URL": "{0}"},
        {"home/.config/pip/pip.conf": "[download]\nindex-url={1}\n"},
    ),
    "pip chosen file": (
        "pip",
        {"PIP_CONFIG_FILE": "{tmp}/chosen.conf"},
        {
            "chosen.conf": "[global]\nindex_url={0}\n",
            "home/.config/pip/pip.conf": "[global]\nindex-url={1}\n",
        },
    ),
    "pip find-links": ("pip", {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "{0}/vllm/"}, {}),
    "uv default": ("uv", {"UV_DEFAULT_INDEX": "{0}"}, {}),
    "uv first index": ("uv", {"UV_DEFAULT_INDEX": "{1}", "UV_INDEX": "corp={0}"}, {}),
    "uv old variables": ("uv", {"UV_INDEX_URL": "{1}", "UV_EXTRA_INDEX_URL": "{0}"}, {}),
    "uv user file": (
        "uv",
        {},
        {"home/.config/uv/uv.toml": '[[index]]\nurl = "{0}"\ndefault = true\n'},
    ),
    "uv project before user": (
        "uv",
        {"UV_DEFAULT_INDEX": "{empty}"},
        {
            "home/.config/uv/uv.toml": '[[index]]\nurl = "{1}"\n',
            "cwd/uv.toml": '[[index]]\nurl = "{0}"\n',
        },
    ),
    "uv pyproject": (
        "uv",
        {},
        {
            "cwd/pyproject.toml": '[project]\nname = "p"\nversion = "1"\n[tool.uv]\n'
            'index-url = "{0}"\n',
        },
    ),
    "uv credentials": (
        "uv",
        {
            "UV_DEFAULT_INDEX": "main={secret}",
            "UV_INDEX_MAIN_USERNAME": "alice",
            "UV_INDEX_MAIN_PASSWORD": "s3cret",
        },
        {},
    ),
}


@pytest.mark.parametrize("case", list(CASES))
def test_asks_the_index_that_the_real_tool_asks(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both servers have the file; the one that pip or uv takes it from is the one that we take."""
    tool, variables, files = CASES[case]
    if tool == "uv" and shutil.which("uv") is None:
        pytest.skip("uv is not installed")
    if tool == "pip" and importlib.util.find_spec("pip") is None:
        pytest.skip("pip is not installed")
    with ExitStack() as stack:
        good, other = (
            stack.enter_context(IndexServer({NAME: WHEEL}, use_json=True).running())
            for _ in range(2)
        )
        empty = stack.enter_context(IndexServer(use_json=True).running())
        secret = IndexServer({NAME: WHEEL}, use_json=True, credentials=("alice", "s3cret"))
        stack.enter_context(secret.running())

        def fill(text: str) -> str:
            for name, value in {
                "{0}": good.url,
                "{1}": other.url,
                "{empty}": empty.url,
                "{secret}": secret.url,
                "{tmp}": str(tmp_path),
            }.items():
                text = text.replace(name, value)
            return text

        _isolate(monkeypatch, tmp_path)
        for path, text in files.items():
            save(tmp_path / path, fill(text).encode())
        for name, value in variables.items():
            monkeypatch.setenv(name, fill(value))
        servers = (good, other, secret)
        command = TOOLS[tool](tmp_path)
        shown = subprocess.run(
            command, cwd=tmp_path / "cwd", capture_output=True, text=True, check=False
        )
        assert shown.returncode == 0, shown.stderr
        asked = [bool(server.downloads(NAME)) for server in servers]
        for server in servers:
            server.requests.clear()
        if tool == "uv":
            monkeypatch.setenv("UV", "uv")
        monkeypatch.chdir(tmp_path / "cwd")
        assert fetch(ENTRY, cache=tmp_path / "cache", backoff=0.001).read_bytes() == WHEEL
        assert [bool(server.downloads(NAME)) for server in servers] == asked


def _isolate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep this machine's own configuration out of both tools and of ours."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_", "XDG_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for folder in ("home", "cwd", "xdg"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "xdg"))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
