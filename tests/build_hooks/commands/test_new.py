"""`new` writes a patch and its test, which ask for what only their author knows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import (
    REPOSITORY,
    assert_clean_failure,
    environment,
    run,
    run_json,
)
from tests.build_hooks.project import copy_checkout

if TYPE_CHECKING:
    from pathlib import Path

PATCH = "transforms/platforms/musa/faster.py"
TEST = "tests/transforms/platforms/musa/test_faster.py"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "project")


def files(root: Path) -> set[str]:
    return {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_a_patch_and_its_test_are_written(checkout: Path) -> None:
    before = files(checkout)
    done = run("new", "musa", "faster", project=checkout)
    assert done.returncode == 0, done.stderr
    assert files(checkout) - before == {PATCH, TEST}
    assert f"wrote {checkout / PATCH}" in done.stdout
    assert "check -p musa --only musa/faster -v" in done.stdout


def test_the_new_files_are_as_the_formatter_would_write_them(checkout: Path) -> None:
    run("new", "acme", "faster", "--create", project=checkout)
    for path in ("transforms/platforms/acme", "tests/transforms/platforms/acme"):
        for file in (checkout / path).rglob("*.py"):
            compile(file.read_bytes(), str(file), "exec", dont_inherit=True)
            assert max(map(len, file.read_text().splitlines())) <= 100


def test_a_platform_with_a_hyphen_has_a_package_with_an_underscore(checkout: Path) -> None:
    done = run("new", "acme-fast", "faster", "--create", project=checkout)
    assert done.returncode == 0, done.stderr
    package = checkout / "transforms/platforms/acme_fast"
    assert 'PatchSet(name="acme-fast"' in (package / "__init__.py").read_text()
    test = checkout / "tests/transforms/platforms/acme_fast/test_faster.py"
    assert "from transforms.platforms.acme_fast.faster import PATCH" in test.read_text()
    (package / "faster.py").unlink()
    names = [item["name"] for item in run_json("list", project=checkout)["platforms"]]
    assert "acme-fast" in names


def test_an_unfinished_patch_is_not_built(checkout: Path) -> None:
    run("new", "musa", "faster", project=checkout)
    done = run("check", "-p", "musa", "--offline", project=checkout)
    message = assert_clean_failure(done, 9)
    assert "transforms.platforms.musa.faster cannot be loaded" in message
    assert "`inside` must not be empty" in message


def test_an_unfinished_test_fails(checkout: Path) -> None:
    run("new", "musa", "faster", project=checkout)
    text = (checkout / PATCH).read_text()
    for empty, filled in {
        'why=""': 'why="w"',
        'upstream=""': 'upstream="u"',
        'drop_when=""': 'drop_when="d"',
        'inside=""': 'inside="m.f"',
        'find=""': 'find="a"',
        'replace=""': 'replace="b"',
    }.items():
        assert text.count(empty) == 1
        text = text.replace(empty, filled)
    (checkout / PATCH).write_text(text)
    # What the new test imports of the project's own tests.
    for path in ("tests/transforms/platforms/excerpts.py", "pyproject.toml"):
        target = checkout / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / path, target)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TEST],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert "2 failed, 1 passed" in done.stdout, done.stdout


def test_a_new_platform_is_made_when_asked(checkout: Path) -> None:
    document = run_json("new", "acme", "faster", "--create", project=checkout)
    assert document["patch"] == "acme/faster"
    assert [path.rpartition("/")[2] for path in document["files"]] == [
        "__init__.py",
        "faster.py",
        "test_faster.py",
    ]
    (checkout / "transforms/platforms/acme/faster.py").unlink()
    names = [item["name"] for item in run_json("list", project=checkout)["platforms"]]
    assert "acme" in names


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("muza", "faster"), "no platform 'muza' (did you mean 'musa'?)\n  next: --create"),
        (("musa", "worker_device_type"), "worker_device_type.py exists\n  next: choose another"),
        (("musa", "Faster"), "'Faster' is no name"),
        (("musa", "class"), "'class' is no name"),
        (("musa", "../faster"), "'../faster' is no name"),
        (("musa", "_faster"), "'_faster' is no name"),
        (("my_musa", "faster", "--create"), "'my_musa' is no name"),
        (("musa-", "faster", "--create"), "'musa-' is no name"),
        (("musa", "faster", "--create"), "the platform 'musa' exists\n  next: leave out"),
    ],
)
def test_a_wrong_name_writes_nothing(checkout: Path, words: tuple[str, ...], message: str) -> None:
    before = files(checkout)
    done = run("new", *words, project=checkout)
    assert message in assert_clean_failure(done, 2)
    assert files(checkout) == before


def test_a_test_that_exists_is_not_written_over(checkout: Path) -> None:
    (checkout / TEST).parent.mkdir(parents=True)
    (checkout / TEST).write_text("mine")
    before = files(checkout)
    assert "test_faster.py exists" in assert_clean_failure(
        run("new", "musa", "faster", project=checkout), 2
    )
    assert files(checkout) == before
