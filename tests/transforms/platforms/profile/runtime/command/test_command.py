"""What can go wrong is said on stderr, with an exit code of its own, and leaves nothing behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.profile.loaded import FOLDER
from tests.transforms.platforms.profile.runtime.command import sessions
from tests.transforms.platforms.profile.runtime.command.commands import package, run, run_good
from tests.transforms.platforms.profile.runtime.command.sessions import NAME, Recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EVERY = [
    ["summary"],
    ["export", "--csv", "out"],
    ["export", "--parquet", "out"],
    ["export", "--perfetto", "out/trace.json"],
    ["report", "-o", "out/report.html"],
]


@pytest.mark.parametrize("action", EVERY, ids=lambda words: words[-2] if len(words) > 1 else "")
def test_no_such_session_is_wrong_use(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Sequence[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"VLLM_PROFILING_DIR": str(folder.parent)}
    done = run("profile", f"{NAME[:-1]}e", *action, environment=environment)
    assert (done.code, done.out) == (2, "")
    assert f"did you mean {folder}?" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("action", EVERY, ids=lambda words: words[-2] if len(words) > 1 else "")
def test_a_session_that_is_cut_off_works_with_a_note(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Sequence[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    copy = tmp_path / NAME
    shutil.copytree(folder, copy)
    stream = next(copy.glob("engine_core-*"))
    stream.write_bytes(stream.read_bytes()[:-40])
    done = run("profile", copy, *action)
    assert done.code == 0
    assert stream.name in (done.out if action[0] == "summary" else done.err)
    if action[0] == "report":
        assert stream.name in (tmp_path / "out/report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("action", EVERY, ids=lambda words: words[-2] if len(words) > 1 else "")
def test_a_session_of_nothing_works(
    empty_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Sequence[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run_good("profile", empty_folder, *action)


def test_a_file_is_no_session(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("", encoding="utf-8")
    done = run("profile", path)
    assert done.code == 2
    assert f"{path} is no session: it is a file" in done.err


def test_a_folder_without_sessions_is_wrong_use(tmp_path: Path) -> None:
    done = run("profile", tmp_path)
    assert done.code == 2
    assert f"no session in {tmp_path}" in done.err


def test_sessions_are_found_by_name_by_folder_and_as_the_latest(folder: Path) -> None:
    environment = {"VLLM_PROFILING_DIR": str(folder.parent)}
    for word in (folder, folder.parent, folder.name, "latest"):
        document = run_good("profile", word, "summary", "--json", environment=environment).document
        assert document["folder"] == str(folder)


def test_the_latest_is_the_newest(tmp_path: Path) -> None:
    sessions.write(tmp_path, [Recorded(fired={"a": 1})])
    newer = tmp_path / "session_20261122_000000_00000000"
    shutil.copytree(tmp_path / NAME, newer)
    document = run_good("profile", tmp_path, "summary", "--json").document
    assert document["folder"] == str(newer)


def test_broken_metadata_is_unreadable(tmp_path: Path) -> None:
    folder = sessions.write(tmp_path, [Recorded(fired={"a": 1})])
    (folder / "metadata.json").write_text("no", encoding="utf-8")
    for words in (("profile", folder), ("diagnose", folder)):
        done = run(*words)
        assert (done.code, done.out) == (5, "")
        assert done.err.startswith(f"error: {folder}")


@pytest.mark.parametrize("action", EVERY[1:], ids=lambda words: words[-2])
def test_a_target_in_which_a_file_is_in_the_way_is_unwritable(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Sequence[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    done = run("profile", folder, *action)
    assert (done.code, done.out) == (7, "")
    assert "out cannot be written: " in done.err
    assert (tmp_path / "out").read_text(encoding="utf-8") == "a file"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_unwritable_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(package("command.failure").UnwritableError, match="No space left"):
        write(tmp_path, lambda: Path("/dev/full").write_text("b", encoding="utf-8"))
    assert list(tmp_path.iterdir()) == []


def write(folder: Path, then: Callable[[], object]) -> None:
    """Begin to write two files; what happens then keeps the second from being written."""
    with package("command.writing").whole_files(folder, ["a", "b"], force=True) as paths:
        paths["a"].write_text("new", encoding="utf-8")
        then()


def test_files_that_are_there_stay_until_all_are_written(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old", encoding="utf-8")
    with pytest.raises(ZeroDivisionError):
        write(tmp_path, lambda: 1 / 0)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("action", EVERY[3:], ids=lambda words: words[-2])
def test_one_file_is_not_overwritten_either(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Sequence[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run_good("profile", folder, *action)
    done = run("profile", folder, *action)
    assert done.code == 2
    assert "would be overwritten" in done.err
    run_good("profile", folder, *action, "--force")


def test_a_folder_is_no_file_to_write(folder: Path, tmp_path: Path) -> None:
    done = run("profile", folder, "report", "-o", tmp_path)
    assert done.code == 2
    assert f"{tmp_path} is a folder" in done.err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["profile"],
        ["profile", "x", "export"],
        ["profile", "x", "export", "--csv", "a", "--parquet", "b"],
        ["profile", "x", "report"],
        ["profile", "x", "paint"],
    ],
)
def test_wrong_words_are_wrong_use(words: Sequence[str]) -> None:
    done = run(*words)
    assert (done.code, done.out) == (2, "")
    assert "usage: python -m vllm.wheelwright" in done.err


def test_a_reader_that_goes_away_ends_it_quietly(folder: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.transforms.platforms.profile.runtime.command.commands import package\n"
        f"words = ['profile', {str(folder)!r}]\n"
        "sys.exit(package('command').main(words, wheel={}, environment={}))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=sessions.REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as command:
        assert command.stdout
        assert command.stderr
        command.stdout.close()
        said = command.stderr.read()
        assert (command.wait(), said) == (141, b"")


def test_nothing_of_it_needs_more_than_the_standard_library(folder: Path, tmp_path: Path) -> None:
    """Not even at import: not of this environment's packages, and not vLLM or torch."""
    program = (
        "import sys, types\n"
        "package = types.ModuleType('p')\n"
        f"package.__path__ = [{str(FOLDER)!r}]\n"
        "sys.modules['p'] = package\n"
        "import p.command\n"
        f"words = ['profile', {str(folder)!r}, 'report', '-o', {str(tmp_path / 'a.html')!r}]\n"
        "sys.exit(p.command.main(words, wheel={}, environment={}))\n"
    )
    words = [sys.executable, "-I", "-S", "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
