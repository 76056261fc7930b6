"""`index`, as whoever keeps a private index runs it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import tomli

from tests.build_hooks.command_line import assert_clean_failure, environment, run, run_json
from tests.build_hooks.index.indexes import CPU, VLLM, foreign_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def dist(wheel: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    foreign_files(folder)
    shutil.copy(wheel, folder / wheel.name)
    return folder


@pytest.fixture
def public(dist: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "public"
    done = run("index", "build", dist, "--to", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_build_says_what_it_serves(dist: Path, tmp_path: Path) -> None:
    public = tmp_path / "public"
    document = run_json("index", "build", dist, "--to", public)
    assert [entry["filename"] for entry in document["added"]] == sorted(
        path.name for path in dist.iterdir()
    )
    again = run_json("index", "build", dist, "--to", public)
    assert (again["added"], again["sent"], again["pages"]) == ([], [], [])
    assert len(again["present"]) == len(document["added"])
    text = run("index", "build", dist, "--to", public).stdout
    assert f"present  {VLLM}" in text
    assert text.endswith(f"0 files sent, 0 pages written: {public}\n")


def test_add_needs_an_index(dist: Path, tmp_path: Path) -> None:
    words = ("index", "add", dist / CPU, "--to", tmp_path / "typo")
    message = assert_clean_failure(run(*words), 2)
    assert "there is no index in" in message
    assert not (tmp_path / "typo").exists()


def test_add_serves_one_more(public: Path, dist: Path, tmp_path: Path) -> None:
    more = tmp_path / "index"
    run_json("index", "build", dist, "--to", more)
    assert run_json("index", "add", dist / CPU, "--to", more)["added"] == []
    words = ("index", "add", dist / CPU, dist / CPU, "--to", public)
    assert "more than once" in assert_clean_failure(run(*words), 2)


def test_yank_check_and_unyank(public: Path) -> None:
    words = ("index", "yank", "0.33.0+musa", "--reason", "loses  requests\n", "--to", public)
    changed = run_json(*words)["changed"]
    assert {entry["yanked"] for entry in changed} == {"loses requests"}
    assert run("index", *words[1:]).stdout.startswith("nothing to do")
    assert run_json("index", "check", public)["good"]
    done = run("index", "unyank", VLLM, "--to", public)
    assert done.stdout == f"unyanked {VLLM}\n"
    assert "loses requests" in (public / "simple/vllm/index.html").read_text()


def test_check_lists_what_is_wrong_and_fails(public: Path) -> None:
    assert run("index", "check", public).stdout == f"PASS: 3 files and their pages, {public}\n"
    (public / "simple/vllm/index.html").write_text("nothing")
    (public / "more.txt").write_text("")
    done = run("index", "check", public)
    assert done.returncode == 1
    assert done.stdout == (
        "simple/vllm/index.html: does not say what the entries say\n"
        "note: more.txt: belongs to no file of the index\n"
        f"FAIL: 1 problem in 3 files and their pages, {public}\n"
    )
    document = run_json("index", "check", public, code=1)
    assert not document["good"]


def test_client_config_is_what_clients_read(public: Path) -> None:
    words = ("index", "client-config", "uv", "vllm", "--to", public)
    document = run_json(*words, "--url", "https://index.example")
    assert tomli.loads(document["text"])["tool"]["uv"]["index"][0]["explicit"] is True
    assert f"--index-url {public.as_uri()}/simple/\n" in run(*words[:2], "pip", *words[3:]).stdout


def test_storage_is_not_what_clients_read() -> None:
    words = ("index", "check", "memory://nothing")
    assert "there is no index in memory://nothing" in assert_clean_failure(run(*words), 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("build", "none", "--to", "x"), "no such folder"),
        (("build", "docs", "--to", "x"), "no wheel or sdist lies in docs"),
        (("yank", "1", "--reason", " ", "--to", "x"), "--reason is empty"),
        (("check", "https://index.example"), "not written through https"),
        (("check", "nowhere"), "there is no index"),
    ],
)
def test_wrong_use_is_said(words: tuple[str, ...], said: str) -> None:
    assert said in assert_clean_failure(run("index", *words), 2)


def test_a_folder_that_cannot_be_written_is_said(dist: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message = assert_clean_failure(run("index", "build", dist, "--to", tmp_path / "file"), 7)
    assert str(tmp_path / "file") in message


def test_a_missing_fsspec_names_the_group(dist: Path, tmp_path: Path) -> None:
    (tmp_path / "fsspec.py").write_text("raise ImportError('No module named fsspec')")
    env = environment(PYTHONPATH=str(tmp_path))
    done = run("index", "build", dist, "--to", "s3://bucket", env=env)
    assert "pip install --group index" in assert_clean_failure(done, 2)
