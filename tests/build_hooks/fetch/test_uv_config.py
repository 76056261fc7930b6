"""uv's configuration, as uv documents it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from build_hooks.errors import UsageError
from build_hooks.fetch.index_source import DEFAULT, Source
from build_hooks.fetch.pip_config import Place
from build_hooks.fetch.uv_config import read_uv_config, uv_config_files
from tests.build_hooks.sample_archives import save

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO, THREE = (f"https://{name}.example/simple" for name in ("one", "two", "three"))


def place(tmp_path: Path, platform: str = "linux", **variables: str) -> Place:
    """Give a machine whose every folder lies under `tmp_path`."""
    environment = {"XDG_CONFIG_DIRS": str(tmp_path / "xdg"), **variables}
    cwd = tmp_path / "work" / "project" / "deep"
    cwd.mkdir(parents=True, exist_ok=True)
    return Place(environment, tmp_path / "home", tmp_path / "prefix", platform, cwd)


def write(path: Path, text: str) -> Path:
    return save(path, text.encode())


def urls(config_place: Place) -> list[str]:
    return [source.url for source in read_uv_config(config_place).sources]


def test_says_nothing_where_nothing_is_configured(tmp_path: Path) -> None:
    assert read_uv_config(place(tmp_path)).sources == ()


def test_the_default_index_is_asked_last(tmp_path: Path) -> None:
    variables = {"UV_INDEX": f"corp={ONE} {TWO}", "UV_DEFAULT_INDEX": f"main={THREE}"}
    assert urls(place(tmp_path, **variables)) == [ONE, TWO, THREE]
    assert urls(place(tmp_path, UV_INDEX=ONE)) == [ONE, DEFAULT.url]


def test_the_old_variables_still_count(tmp_path: Path) -> None:
    variables = {"UV_INDEX_URL": ONE, "UV_EXTRA_INDEX_URL": f"{TWO} {THREE}"}
    assert urls(place(tmp_path, **variables)) == [TWO, THREE, ONE]


def test_find_links_and_no_index(tmp_path: Path) -> None:
    variables = {"UV_FIND_LINKS": "/a,/b", "UV_INDEX": ONE, "UV_NO_INDEX": "true"}
    sources = read_uv_config(place(tmp_path, **variables)).sources
    assert sources == (Source("links", "/a"), Source("links", "/b"))


def test_reads_an_index_table(tmp_path: Path) -> None:
    text = (
        f'[[index]]\nname = "main"\nurl = "{ONE}"\ndefault = true\n'
        f'[[index]]\nname = "torch"\nurl = "{TWO}"\nexplicit = true\n'
        f'[[index]]\nurl = "{THREE}"\nformat = "flat"\n'
    )
    write(tmp_path / "home/.config/uv/uv.toml", text)
    sources = read_uv_config(place(tmp_path)).sources
    assert sources == (Source("links", THREE), Source("index", ONE))


def test_joins_environment_project_user_and_system(tmp_path: Path) -> None:
    write(tmp_path / "xdg/uv/uv.toml", f'extra-index-url = ["{THREE}"]\nindex-url = "https://s/"\n')
    write(tmp_path / "home/.config/uv/uv.toml", f'index = [{{ url = "{TWO}" }}]\n')
    write(tmp_path / "work/project/uv.toml", f'extra-index-url = ["{ONE}"]\n')
    here = place(tmp_path, UV_INDEX="https://env.example/")
    assert urls(here) == ["https://env.example/", ONE, TWO, THREE, "https://s/"]


def test_the_more_important_default_wins(tmp_path: Path) -> None:
    write(tmp_path / "home/.config/uv/uv.toml", f'index-url = "{TWO}"\n')
    write(tmp_path / "work/uv.toml", f'index-url = "{ONE}"\n')
    assert urls(place(tmp_path)) == [ONE]


def test_the_nearest_project_file_counts_and_uv_toml_before_pyproject(tmp_path: Path) -> None:
    write(tmp_path / "work/pyproject.toml", f'[tool.uv]\nindex-url = "{THREE}"\n')
    assert urls(place(tmp_path)) == [THREE]
    write(tmp_path / "work/project/pyproject.toml", "[project]\nname = 'without-uv'\n")
    assert urls(place(tmp_path)) == [THREE]
    write(tmp_path / "work/project/pyproject.toml", f'[tool.uv]\nindex-url = "{TWO}"\n')
    assert urls(place(tmp_path)) == [TWO]
    write(tmp_path / "work/project/uv.toml", f'index-url = "{ONE}"\n')
    assert urls(place(tmp_path)) == [ONE]


def test_a_chosen_file_is_the_only_one(tmp_path: Path) -> None:
    write(tmp_path / "work/uv.toml", f'index-url = "{ONE}"\n')
    chosen = write(tmp_path / "chosen.toml", f'index-url = "{TWO}"\n')
    here = place(tmp_path, UV_CONFIG_FILE=str(chosen))
    assert (urls(here), uv_config_files(here)) == ([TWO], [chosen])
    assert urls(place(tmp_path, UV_NO_CONFIG="1", UV_CONFIG_FILE=str(chosen))) == []


def test_credentials_of_a_named_index_come_from_the_environment(tmp_path: Path) -> None:
    variables = {
        "UV_INDEX": f"my-corp={ONE}",
        "UV_INDEX_MY_CORP_USERNAME": "me@corp",
        "UV_INDEX_MY_CORP_PASSWORD": "p/w",
        "UV_DEFAULT_INDEX": TWO,
    }
    assert urls(place(tmp_path, **variables)) == ["https://me%40corp:p%2Fw@one.example/simple", TWO]


def test_reads_how_to_reach_the_network(tmp_path: Path) -> None:
    write(tmp_path / "work/uv.toml", 'allow-insecure-host = ["a.example"]\n')
    variables = {
        "UV_INSECURE_HOST": "b.example:1",
        "SSL_CLIENT_CERT": "/me",
        "UV_HTTP_TIMEOUT": "9",
    }
    config = read_uv_config(place(tmp_path, **variables))
    assert config.trusted_hosts == ("b.example:1", "a.example")
    assert (config.client_cert, config.timeout) == ("/me", 9.0)


def test_knows_where_windows_keeps_it(tmp_path: Path) -> None:
    user = write(tmp_path / "roaming/uv/uv.toml", "")
    system = write(tmp_path / "data/uv/uv.toml", "")
    variables = {"APPDATA": str(tmp_path / "roaming"), "PROGRAMDATA": str(tmp_path / "data")}
    assert uv_config_files(place(tmp_path, "win32", **variables)) == [user, system]


@pytest.mark.parametrize("content", [b"index = [", b"\xff\xfe"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    save(tmp_path / "work/uv.toml", content)
    with pytest.raises(UsageError, match=r"uv\.toml cannot be read"):
        read_uv_config(place(tmp_path))


def test_a_chosen_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.toml"):
        read_uv_config(place(tmp_path, UV_CONFIG_FILE=str(tmp_path / "gone.toml")))
