"""pip's configuration, compared with pip's own reading of it where pip is installed."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from build_hooks.errors import UsageError
from build_hooks.fetch.index_source import DEFAULT, Source
from build_hooks.fetch.pip_config import Place, pip_config_files, read_pip_config
from tests.build_hooks.sample_archives import save

ONE, TWO, THREE = (f"https://{name}.example/simple" for name in ("one", "two", "three"))


def place(tmp_path: Path, platform: str = "linux", **variables: str) -> Place:
    """Give a machine whose every folder lies under `tmp_path`."""
    environment = {"XDG_CONFIG_DIRS": str(tmp_path / "xdg"), **variables}
    folders = [tmp_path / name for name in ("home", "prefix", "cwd")]
    return Place(environment, folders[0], folders[1], platform, folders[2])


def write(path: Path, text: str) -> Path:
    return save(path, text.encode())


def urls(config_place: Place) -> list[str]:
    return [source.url for source in read_pip_config(config_place).sources]


def test_says_nothing_where_nothing_is_configured(tmp_path: Path) -> None:
    assert read_pip_config(place(tmp_path)).sources == ()


def test_extra_indexes_come_after_the_default_one(tmp_path: Path) -> None:
    config = read_pip_config(place(tmp_path, PIP_EXTRA_INDEX_URL=f"{ONE}\n {TWO}"))
    assert config.sources == (DEFAULT, Source("index", ONE), Source("index", TWO))


def test_no_index_leaves_find_links_only(tmp_path: Path) -> None:
    variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "~/wheels /more", "PIP_INDEX_URL": ONE}
    sources = read_pip_config(place(tmp_path, **variables)).sources
    assert sources == (Source("links", f"{tmp_path}/home/wheels"), Source("links", "/more"))


def test_a_later_file_wins_and_the_environment_over_all(tmp_path: Path) -> None:
    write(tmp_path / "xdg" / "pip" / "pip.conf", "[global]\nindex-url = https://g.example/\n")
    assert urls(place(tmp_path)) == ["https://g.example/"]
    write(tmp_path / "home" / ".pip" / "pip.conf", "[global]\nindex-url = https://l.example/\n")
    assert urls(place(tmp_path)) == ["https://l.example/"]
    write(tmp_path / "home/.config/pip/pip.conf", "[global]\nindex_url = https://u.example/\n")
    assert urls(place(tmp_path)) == ["https://u.example/"]
    write(tmp_path / "prefix" / "pip.conf", "[global]\nINDEX-URL = https://s.example/\n")
    assert urls(place(tmp_path)) == ["https://s.example/"]
    chosen = write(tmp_path / "chosen.conf", "[global]\n--index-url = https://c.example/\n")
    assert urls(place(tmp_path, PIP_CONFIG_FILE=str(chosen))) == ["https://c.example/"]
    variables = {"PIP_CONFIG_FILE": str(chosen), "PIP_INDEX_URL": ONE}
    assert urls(place(tmp_path, **variables)) == [ONE]


def test_a_command_s_section_wins_over_global_in_a_later_file(tmp_path: Path) -> None:
    write(tmp_path / "xdg/pip/pip.conf", f"[download]\nindex-url = {ONE}\n")
    write(tmp_path / "prefix/pip.conf", f"[global]\nindex-url = {TWO}\n[freeze]\nindex-url = x\n")
    assert urls(place(tmp_path)) == [ONE]


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    write(tmp_path / "prefix/pip.conf", f"[install]\nindex-url = {ONE}\n")
    assert urls(place(tmp_path, PIP_INDEX_URL=" ")) == [ONE]


def test_the_null_device_as_config_file_means_no_files(tmp_path: Path) -> None:
    write(tmp_path / "prefix/pip.conf", f"[global]\nindex-url = {ONE}\n")
    assert urls(place(tmp_path, PIP_CONFIG_FILE=os.devnull)) == []


def test_reads_how_to_reach_the_network(tmp_path: Path) -> None:
    text = (
        "[global]\ntrusted-host = a.example\n  b.example:8080\ncert = /ca.pem\n"
        "client-cert = /me.pem\nproxy = http://proxy.example:3128\ntimeout = 7\n"
    )
    write(tmp_path / "prefix/pip.conf", text)
    config = read_pip_config(place(tmp_path))
    assert config.trusted_hosts == ("a.example", "b.example:8080")
    assert (config.ca_file, config.client_cert) == ("/ca.pem", "/me.pem")
    assert (config.proxy, config.timeout) == ("http://proxy.example:3128", 7.0)


def test_a_value_may_hold_percent_signs(tmp_path: Path) -> None:
    write(tmp_path / "prefix/pip.conf", "[global]\nindex-url = https://u:a%40b@one.example/\n")
    assert urls(place(tmp_path)) == ["https://u:a%40b@one.example/"]


@pytest.mark.parametrize("content", [b"[global", b"index-url = x\n", b"\xff\xfe"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    save(tmp_path / "prefix/pip.conf", content)
    with pytest.raises(UsageError, match=r"pip\.conf cannot be read"):
        read_pip_config(place(tmp_path))


def test_knows_where_windows_and_macos_keep_it(tmp_path: Path) -> None:
    variables = {"PROGRAMDATA": "/data", "APPDATA": "/roaming"}
    windows = pip_config_files(place(tmp_path, "win32", **variables))
    home = tmp_path / "home"
    assert windows == [
        Path("/data/pip/pip.ini"),
        home / "pip/pip.ini",
        Path("/roaming/pip/pip.ini"),
        tmp_path / "prefix/pip.ini",
    ]
    assert home / ".config/pip/pip.conf" in pip_config_files(place(tmp_path, "darwin"))
    own = home / "Library/Application Support/pip"
    own.mkdir(parents=True)
    assert own / "pip.conf" in pip_config_files(place(tmp_path, "darwin"))


@pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="pip is not installed")
@pytest.mark.parametrize("chosen", [True, False])
def test_looks_where_pip_looks(tmp_path: Path, *, chosen: bool) -> None:
    """`pip config debug` lists the files that pip itself would read, in whatever order."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environment |= {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": f"{tmp_path}/a{os.pathsep}/b"}
    environment.pop("XDG_CONFIG_HOME", None)
    if chosen:
        environment["PIP_CONFIG_FILE"] = str(write(tmp_path / "chosen.conf", "[global]\n"))
    command = [sys.executable, "-m", "pip", "config", "debug"]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    expected = re.findall(r"^  (.+), exists: ", shown.stdout, re.MULTILINE)
    here = Place(environment, tmp_path, Path(sys.prefix), sys.platform, tmp_path)
    ours = [str(path) for path in pip_config_files(here)]
    assert sorted(ours) == sorted(expected)
