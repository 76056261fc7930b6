"""From settings to a wheel: what is built from, and in which order things fail."""

from __future__ import annotations

import gc
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from build_hooks.building import build
from build_hooks.collector import without_collector
from build_hooks.errors import PatchFailureError, UsageError
from build_hooks.locating import chosen_source
from build_hooks.pipeline import (
    compile_patches,
    make_plan,
    match,
)
from build_hooks.settings import Settings
from tests.build_hooks.small_release import (
    PATCHES,
    PKG_INFO,
    RELEASE,
    WHEEL,
    small_sdist,
    write_folder,
)
from transforms.engine.patch import PatchSet
from transforms.engine.site import Site

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def settings(source: Path, **changes: object) -> Settings:
    return Settings(**{"source": str(source), "only": PATCHES, **changes})  # type: ignore[arg-type]


def test_a_plan_says_what_is_built_from_what(sdist: Path) -> None:
    plan = make_plan(settings(sdist))
    assert plan.metadata.version == f"{RELEASE}+musa"
    assert plan.origin.sha256 == hashlib.sha256(sdist.read_bytes()).hexdigest()
    assert plan.origin.size == sdist.stat().st_size
    assert plan.origin.kind == "sdist"
    assert set(PATCHES) < set(plan.patches)


def test_a_folder_has_no_digest(tmp_path: Path) -> None:
    files = {"PKG-INFO": PKG_INFO.encode(), "requirements/common.txt": b""}
    plan = make_plan(settings(write_folder(tmp_path, files)))
    assert (plan.origin.kind, plan.origin.sha256, plan.origin.size) == ("folder", None, None)


def test_matching_changes_nothing_and_compiling_can_use_it(sdist: Path) -> None:
    plan = make_plan(settings(sdist))
    outcomes = match(plan)
    assert [item.patch for item in outcomes] == sorted(plan.patches)
    assert compile_patches(plan, outcomes) == compile_patches(plan)


def test_the_collector_is_back_after_a_build_and_after_a_failure(
    sdist: Path, tmp_path: Path
) -> None:
    assert gc.isenabled()
    build(settings(sdist), tmp_path)
    assert gc.isenabled()
    with pytest.raises(KeyError), without_collector():
        raise KeyError
    assert gc.isenabled()
    gc.disable()
    try:
        with without_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_an_added_file_that_upstream_has_of_its_own_stops_the_build(tmp_path: Path) -> None:
    from tests.build_hooks.small_release import small_files, write_sdist  # noqa: PLC0415

    files = {**small_files(), "vllm/wheelwright.py": b"their_own = 1\n"}
    source = write_sdist(tmp_path / f"vllm-{RELEASE}.tar.gz", files)
    with pytest.raises(PatchFailureError, match=r"wheelwright/self_description: drifted"):
        build(settings(source), tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


def test_a_file_that_no_wheel_holds_is_not_changed_without_a_word(sdist: Path) -> None:
    plan = make_plan(settings(sdist))
    outcomes = match(plan)
    site = Site(path="requirements/common.txt", start=0, end=0, replacement=b"more\n", line=1)
    outcomes[0] = replace(outcomes[0], sites=(*outcomes[0].sites, site))
    with pytest.raises(PatchFailureError, match=r"requirements/common\.txt is not below vllm/"):
        compile_patches(plan, outcomes)


def test_a_release_with_a_label_keeps_it_in_front(tmp_path: Path) -> None:
    pkg_info = PKG_INFO.replace(f"Version: {RELEASE}", f"Version: {RELEASE}+cu129")
    source = small_sdist(tmp_path, pkg_info=pkg_info)
    built = build(settings(source), tmp_path / "dist")
    assert built.path.name == WHEEL.replace("+musa", "+cu129.musa")


def test_another_release_than_asked_for_is_refused(sdist: Path) -> None:
    with pytest.raises(UsageError, match=r"is vLLM 0\.33\.0, and 0\.32\.0 is asked for"):
        make_plan(settings(sdist, vllm="0.32.0"))
    assert make_plan(settings(sdist, vllm=RELEASE)).metadata.release == RELEASE


@pytest.mark.parametrize(
    ("asked", "kinds", "source"),
    [
        (None, ["wheel"], "wheel"),
        (None, ["wheel", "wheel"], "wheel"),
        (None, ["wheel", "sdist"], "sdist"),
        ("wheel", ["wheel", "sdist"], "wheel"),
        ("sdist", ["wheel"], "sdist"),
        ("some/path", ["wheel"], "some/path"),
    ],
)
def test_platforms_that_differ_are_built_from_the_sdist(
    asked: str | None, kinds: list[str], source: str
) -> None:
    platforms = [PatchSet(name="p", summary="s", source=kind) for kind in kinds]
    assert chosen_source(Settings(source=asked), platforms) == source
