"""Results are found by what they follow from, and a damaged one is computed again."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest

from build_hooks.drift.cache import ResultCache
from tests.build_hooks.command_line import run
from tests.build_hooks.drift.planted import TOY, plant

if TYPE_CHECKING:
    from pathlib import Path

    from tests.build_hooks.project import Project

DIGEST, NAME = "d" * 64, "a" * 64
DAYS = 24 * 60 * 60


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def cache(tmp_path: Path, notes: list[str]) -> ResultCache:
    return ResultCache(tmp_path / "drift", notes.append)


def entry(cache: ResultCache) -> Path:
    return cache.root / DIGEST / NAME


def test_what_was_written_is_read(cache: ResultCache, notes: list[str]) -> None:
    assert cache.read(DIGEST, NAME) is None
    cache.write(DIGEST, NAME, b"{}\n\n")
    assert cache.read(DIGEST, NAME) == b"{}\n\n"
    assert cache.read("e" * 64, NAME) is None
    assert [path.name for path in entry(cache).parent.iterdir()] == [NAME]
    assert notes == []


@pytest.mark.parametrize("damage", [b"", b"x", b"\n{}", b"0" * 64 + b"\n{}"])
def test_a_damaged_entry_is_noted_and_not_used(
    cache: ResultCache, notes: list[str], damage: bytes
) -> None:
    cache.write(DIGEST, NAME, b"{}")
    entry(cache).write_bytes(damage)
    assert cache.read(DIGEST, NAME) is None
    assert notes == [f"{entry(cache)} is damaged: computed again"]


def test_an_entry_that_cannot_be_read_is_noted(cache: ResultCache, notes: list[str]) -> None:
    entry(cache).mkdir(parents=True)
    assert cache.read(DIGEST, NAME) is None
    assert "cannot be read" in notes[0]


def test_a_cache_that_cannot_be_written_is_noted(cache: ResultCache, notes: list[str]) -> None:
    cache.root.write_bytes(b"a file where the folder should be")
    cache.write(DIGEST, NAME, b"{}")
    assert "is not kept" in notes[0]


def test_what_nobody_asked_for_in_thirty_days_goes(cache: ResultCache) -> None:
    for digest in ("new", "used", "old"):
        cache.write(digest, NAME, b"{}")
    for digest in ("used", "old"):
        long_ago = time.time() - 31 * DAYS
        os.utime(cache.root / digest, (long_ago, long_ago))
    assert cache.read("used", NAME) == b"{}"
    cache.drop_unused()
    assert sorted(path.name for path in cache.root.iterdir()) == ["new", "used"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return plant(
        tmp_path_factory.mktemp("cached"), {"drifts": TOY["drifts"], "holds": TOY["holds"]}
    )


def drift(project: Project, *words: str) -> Any:  # noqa: ANN401 - what `subprocess.run` gives
    return run("drift", "--json", *words, project=project.root, env=project.environment())


def test_cached_and_uncached_results_are_the_same(project: Project) -> None:
    # What another test kept, in whatever order they run.
    shutil.rmtree(project.cache / "drift", ignore_errors=True)
    new = drift(project, "--no-cache")
    assert not (project.cache / "drift").exists()
    first, second = drift(project), drift(project)
    assert new.stdout == first.stdout == second.stdout
    assert new.returncode == second.returncode == 1
    assert (project.cache / "drift").is_dir()


def test_a_cached_result_is_used_and_a_damaged_one_is_not(project: Project) -> None:
    expected = drift(project).stdout
    entries = [path for path in (project.cache / "drift").rglob("*") if path.is_file()]
    kept = {path: path.read_bytes() for path in entries}
    for path in entries:
        path.write_bytes(b"damaged")
    done = drift(project)
    assert done.stdout == expected
    assert "is damaged: computed again" in done.stderr
    assert {path: path.read_bytes() for path in entries} == kept


CHANGES = {
    "the platform": ("transforms/platforms/toy/holds.py", True),
    "a helper of the platform": ("transforms/platforms/toy/_helper.py", True),
    "the engine": ("transforms/engine/match.py", True),
    "an edit": ("transforms/edits/replace.py", True),
    "a rule": ("transforms/rules/triton/annassign.py", True),
    "the patches of every wheel": ("transforms/common/compile_cache_key.py", True),
    "the file that they add": ("transforms/common/runtime/vllm/wheelwright.py", True),
    "what judges": ("build_hooks/drift/judge.py", True),
    "another platform": ("transforms/platforms/other/__init__.py", False),
    "a page": ("build_hooks/drift/page.css", False),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_what_decides_asks_for_new_results(project: Project, what: str) -> None:
    path, counts = CHANGES[what]
    program = (
        "from build_hooks.drift.cache import code_digest; print(code_digest('toy', ['toy/holds']))"
    )
    target = project.root / path
    before = project.hook(program).stdout
    old = target.read_bytes() if target.exists() else None
    target.parent.mkdir(exist_ok=True)
    target.write_bytes((old or b"") + b"\n")
    try:
        assert (project.hook(program).stdout != before) is counts
    finally:
        target.unlink() if old is None else target.write_bytes(old)
    assert project.hook(program).stdout == before
    other = program.replace("'toy/holds'", "'toy/drifts'")
    assert project.hook(other).stdout != before
