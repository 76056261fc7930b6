"""One release is judged for several platforms, and whatever goes wrong is a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.drift import judge as module
from build_hooks.drift.cell import Cell, Failure
from build_hooks.drift.declared import COMMON, declared
from build_hooks.drift.judge import Judged, Task, judge, load_cells
from build_hooks.settings import Settings
from tests.build_hooks.project import locked_sdist, locked_wheel
from tests.build_hooks.small_release import PATCHES, RELEASE, WORKER, small_sdist

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OTHER = "musa/flash_mla"


def cells(sdist: Path, platform: str = "musa") -> dict[str, Cell]:
    (found,) = judged(sdist, platform).values()
    return load_cells(found.payload)


def judged(sdist: Path, *platforms: str) -> dict[str, Judged]:
    settings = Settings(vllm=RELEASE, source="sdist")
    locked = locked_sdist(sdist)
    found = judge(Task(settings=settings, path=sdist, locked=locked, platforms=platforms))
    assert isinstance(found, dict)
    return {name: item for name, item in found.items() if isinstance(item, Judged)}


def test_each_platform_has_its_own_patches_and_no_others(sdist: Path) -> None:
    found = judged(sdist, "musa", COMMON)
    assert list(found) == ["musa", COMMON]
    for platform, item in found.items():
        names = list(load_cells(item.payload))
        assert names == sorted(names)
        assert {name.partition("/")[0] for name in names} == {platform}
        assert item.lasting


def test_the_diff_is_that_of_the_patch_alone(sdist: Path) -> None:
    found = cells(sdist)
    diff = found[PATCHES[1]].diff
    assert diff.splitlines()[3:] == [
        "@@ -1,7 +1,7 @@",
        " # SPDX-License-Identifier: Apache-2.0",
        " class Worker:",
        "     def init_device(self) -> None:",
        '-        if self.device_config.device_type == "cuda":  # the literal',
        '+        if self.device_config.device_type in ("cuda", "musa"):  # the literal',
        "             self.started = True",
        "         else:",
        '             raise RuntimeError(f"Not support device type: {self.device_config.device}")',
    ]
    assert found[OTHER].outcome == "missing"
    assert found[OTHER].diff == ""


def test_bad_outcomes_do_not_keep_the_good_ones_from_being_checked(
    sdist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [f"{PATCHES[0]}: planted", f"{PATCHES[1]}_too: planted"]
    monkeypatch.setattr(module, "apply_and_check", lambda _, __: ([], said))
    found = cells(sdist)
    # A failure that names none of the patches is every one's that acted.
    assert found[PATCHES[0]].checks == tuple(said)
    assert found[PATCHES[1]].checks == (said[1],)
    assert found[PATCHES[1]].outcome == "error"
    assert found[OTHER].checks == ()
    assert found[OTHER].outcome == "missing"


def test_what_raises_while_it_is_applied_is_an_error_that_is_not_kept(
    sdist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError("planted")

    monkeypatch.setattr(module, "apply_and_check", broken)
    found = judged(sdist, "musa")["musa"]
    assert not found.lasting
    failure = load_cells(found.payload)[PATCHES[0]].failure
    assert failure
    assert "MemoryError: planted" in failure.message
    assert failure.exit_code == 70


def test_a_release_that_is_another_one_is_an_error(tmp_path: Path) -> None:
    sdist = small_sdist(tmp_path, worker=WORKER)
    settings = Settings(vllm="0.32.0", source="sdist")
    locked = locked_sdist(sdist)
    found = judge(Task(settings=settings, path=sdist, locked=locked, platforms=("musa",)))
    assert isinstance(found, Failure)
    assert "0.32.0 is asked for" in found.message


def test_a_platform_that_cannot_be_judged_does_not_hide_the_others(
    sdist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_musa(name: str) -> object:
        if name == "musa":
            raise RuntimeError("planted")
        return declared(name)

    monkeypatch.setattr(module, "declared", without_musa)
    settings = Settings(vllm=RELEASE, source="sdist")
    task = Task(
        settings=settings, path=sdist, locked=locked_sdist(sdist), platforms=("musa", COMMON)
    )
    found = judge(task)
    assert isinstance(found, dict)
    assert isinstance(found["musa"], Failure)
    assert isinstance(found[COMMON], Judged)


def test_patches_of_sdists_are_judged_on_sdists_and_excluded_on_wheels(
    sdist: Path, upstream: Path
) -> None:
    own = "wheelwright/one_version"
    assert cells(sdist, COMMON)[own].outcome == "applied"
    task = Task(
        settings=Settings(vllm=RELEASE, source="wheel"),
        path=upstream,
        locked=locked_wheel(upstream),
        platforms=(COMMON, "windows"),
    )
    found = judge(task)
    assert isinstance(found, dict)
    for platform, item in found.items():
        assert isinstance(item, Judged), item
        judged_cells = load_cells(item.payload)
        if platform == COMMON:
            assert judged_cells.pop(own).outcome == "excluded"
            assert {cell.outcome for cell in judged_cells.values()} == {"applied"}
        else:
            assert {cell.outcome for cell in judged_cells.values()} <= {"excluded"}
            for name, cell in judged_cells.items():
                said = "it is for sdists, and this is a wheel"
                assert cell.message == (f"{name}: excluded on {RELEASE}: {said}",)
