"""Whatever is wrong with a patch, with what it is for or where it goes: said once, nothing written.

Each fault goes through the command line in a checkout with a platform of its own, as its author
meets it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import assert_clean_failure, run, run_json
from tests.build_hooks.project import Project, make_project
from tests.build_hooks.small_release import RELEASE, WORKER, small_files, write_sdist

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

SET = """\
from transforms.edits import PatchSet

PATCH_SET = PatchSet(name="acme", summary="", source="sdist")
"""
MODULE = """\
from transforms.edits import AddModule, InsertBefore, Patch, Replace

PATCH = Patch(
    why="w",
    upstream="u",
    drop_when="d",
    versions=">=0.9",
    edits=[
        Replace(inside="vllm.config.vllm.VllmConfig", find="str($x)", replace="repr($x)"),
        {edit},
    ],
)
"""
INSIDE = 'inside="vllm.v1.worker.gpu_worker.Worker.init_device"'
GOOD = MODULE.format(
    edit=f'InsertBefore({INSIDE}, anchor="self.started = True", code="self.early = 1")'
)
TARGET = "vllm/v1/worker/gpu_worker.py"
COMMANDS = ("check", "diff", "build", "apply")


class Place:
    """A checkout with one platform, `acme`, and the small release in its lock."""

    def __init__(self, folder: Path) -> None:
        self.project: Project = make_project(folder)
        self.acme = self.project.root / "transforms" / "platforms" / "acme"
        self.acme.mkdir()
        (self.acme / "__init__.py").write_text(SET)
        self.output = folder / "output"
        self.output.mkdir()

    def patch(self, text: str | bytes, name: str = "one") -> Path:
        """Write a patch module."""
        path = self.acme / f"{name}.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command for the platform."""
        return run(*words, project=self.project.root, env=self.project.environment())

    def on_platform(self, command: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command that works on a platform, its results below `output`."""
        into: dict[str, tuple[str | Path, ...]] = {
            "build": ("-o", self.output),
            "apply": (self.output / "tree",),
        }
        return self.run(command, *into.get(command, ()), "-p", "acme", *words)

    def files(self) -> set[Path]:
        """Give every file of the checkout and of the results."""
        roots = (self.project.root, self.output)
        return {path for root in roots for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


_DECLARED = {
    "a pattern that does not parse": (
        f'Replace({INSIDE}, find="self.(x", replace="y")',
        "PatternError: not Python: invalid syntax in pattern 'self.(x'",
        "Replace",
    ),
    "an unbound metavariable": (
        f'Replace({INSIDE}, find="f($device)", replace="f($divice)")',
        "PatternError: $divice is used in 'f($divice)' but never bound (bound: $device)",
        "Replace",
    ),
    "an unbound metavariable in inserted code": (
        f'InsertBefore({INSIDE}, anchor="gc($x)", code="f($y)")',
        "PatternError: $y is used in 'f($y)' but never bound (bound: $x)",
        "InsertBefore",
    ),
    "an empty scope": (
        'Replace(inside="", find="a", replace="b")',
        "ValueError: `inside` must not be empty: name a module, class or function",
        "Replace",
    ),
    "a scope that is no dotted path": (
        'Replace(inside="vllm/config", find="a", replace="b")',
        "ValueError: `inside` must be a dotted path, not 'vllm/config'",
        "Replace",
    ),
    "an argument that no edit has": (
        f'Replace({INSIDE}, find="a", replace="b", times=2)',
        "got an unexpected keyword argument 'times'",
        "Replace",
    ),
}


@pytest.mark.parametrize("fault", _DECLARED)
def test_a_wrong_edit_is_named_with_its_module_its_line_and_its_number(
    place: Place, fault: str
) -> None:
    edit, why, kind = _DECLARED[fault]
    path = place.patch(MODULE.format(edit=edit))
    before = place.files()
    for command in ("check", "apply"):
        message = assert_clean_failure(place.on_platform(command), 9)
        first, where, step = message.splitlines()
        assert first.startswith("error: transforms.platforms.acme.one cannot be loaded: ")
        assert first.endswith(why)
        assert where == f"  at {path}:10, in edit 2 of 2 ({kind})"
        assert step == "  next: correct it there"
    assert place.files() == before


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        (b"\nraise RuntimeError('boom')\n", "RuntimeError: boom", ":2"),
        (b"def f():\n    raise KeyError('boom')\n\nf()\n", "KeyError: 'boom'", ":2"),
        (b"import sys\n\nsys.exit(0)\n", "SystemExit: 0", ":3"),
        (b"import wheelright\n", "ModuleNotFoundError: No module named 'wheelright'", ":1"),
        (b"x = 1\nPATCH = (\n", "SyntaxError: '(' was never closed", ":2"),
        (b'"""\xe9"""\n', "SyntaxError: (unicode error) 'utf-8' codec can't decode", ""),
    ],
)
def test_a_module_that_raises_is_named_with_the_line(
    place: Place, text: bytes, why: str, line: str
) -> None:
    path = place.patch(text)
    before = place.files()
    for done in (place.run("list"), place.on_platform("build")):
        message = assert_clean_failure(done, 9)
        assert f"transforms.platforms.acme.one cannot be loaded: {why}" in message
        assert f"  at {path}{line}" in message
        assert "  next: correct it there\n" in message
    assert place.files() == before


def test_drift_shows_a_module_that_raises_beside_those_that_hold(place: Place) -> None:
    place.patch(GOOD, "good")
    path = place.patch("import sys\nsys.exit(0)\n", "bad")
    done = place.run("drift", "-p", "acme", "--no-cache")
    assert done.returncode == 1, done.stderr
    assert "bad cannot be loaded: SystemExit: 0" in done.stdout
    assert f"at {path}:2" in done.stdout
    assert re.search(r"acme/good\s+A\n", done.stdout)


def test_two_patches_of_one_name_are_named(place: Place) -> None:
    place.patch(GOOD)
    (place.acme / "One").mkdir()
    (place.acme / "One" / "__init__.py").write_text(GOOD)
    for command in ("check", "build"):
        message = assert_clean_failure(place.on_platform(command), 9)
        assert "transforms.platforms.acme has 2 patches of the name 'one'" in message
        assert "next: rename all but one of them" in message


@pytest.mark.parametrize("command", [*COMMANDS, "drift"])
def test_an_unknown_platform_names_the_closest(place: Place, command: str) -> None:
    place.patch(GOOD)
    message = assert_clean_failure(place.on_platform(command, "-p", "acne"), 2)
    assert message == "error: no platform 'acne' (did you mean 'acme'?)\n"


@pytest.mark.parametrize("command", [*COMMANDS, "drift"])
def test_an_unknown_release_names_the_closest(place: Place, command: str) -> None:
    place.patch(GOOD)
    message = assert_clean_failure(place.on_platform(command, "--vllm", "0.33.1"), 3)
    first, step = message.splitlines()
    assert first == (
        f"error: the lock holds no release '0.33.1' of vllm (did you mean '{RELEASE}'?)"
    )
    assert step.startswith("  next: name a locked release, or lock it: ")
    assert place.project.kept() == []
    assert list(place.output.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (
            WORKER.encode().replace(b"literal", b"lit\xe9ral"),
            "not UTF-8: invalid continuation byte: byte 0xe9 at offset 150",
            4,
        ),
        (b"# coding: latin-1\n", "not UTF-8: it declares the encoding 'latin-1'", 0),
        (WORKER.encode() + b"def (:\n", "does not parse: invalid syntax", 8),
        (WORKER.encode() + b"\0\n", "does not parse: source code string cannot contain null", 0),
    ],
)
def test_a_target_that_cannot_be_read_is_named_with_the_byte_or_the_line(
    place: Place, data: bytes, reason: str, line: int
) -> None:
    place.patch(GOOD)
    sdist = write_sdist(
        place.output.with_name("bad") / f"vllm-{RELEASE}.tar.gz", {**small_files(), TARGET: data}
    )
    for command in ("check", "build"):
        done = place.on_platform(command, "--source", sdist)
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr
        lines = (done.stdout + done.stderr).removeprefix("error: ").splitlines()
        assert lines[0].startswith(f"acme/one: drifted on {RELEASE}: edit 2 of 2: {reason}")
        assert lines[1] == f"  {TARGET}"
        assert not line or lines[2] == f"    at line {line}"
        assert (
            "  next: see what upstream made of that file: no pattern can be matched on it, "
            f"or leave {RELEASE} out of `versions` (>=0.9)"
        ) in lines
    assert list(place.output.iterdir()) == []


def edited_tree(place: Place, new: str = "self.started = 2") -> Path:
    """Apply a patch, and edit a file by hand."""
    place.patch(GOOD)
    done = place.on_platform("apply")
    assert done.returncode == 0, done.stderr
    file = place.output / "tree" / TARGET
    file.write_text(file.read_text().replace("self.started = True", new))
    return place.output / "tree"


def test_apply_leaves_a_place_alone_that_cannot_be_written(place: Place) -> None:
    # A path below a file: permissions would not stop root.
    place.patch(GOOD)
    (place.output / "file").write_text("kept")
    done = place.run("apply", place.output / "file" / "tree", "-p", "acme")
    message = assert_clean_failure(done, 7)
    assert f"{place.output / 'file' / 'tree'} cannot be written: " in message
    assert "next: free space or choose another folder; nothing was left half-written" in message
    assert [path.read_text() for path in place.output.iterdir()] == ["kept"]


def test_apply_keeps_what_was_edited(place: Place) -> None:
    tree = edited_tree(place)
    edited = (tree / TARGET).read_bytes()
    message = assert_clean_failure(place.on_platform("apply"), 2)
    assert f"{tree} has changes that are in no commit: 1, the first of them 'M {TARGET}'" in message
    assert "next: turn them into patches with `capture`, or name a new folder" in message
    assert (tree / TARGET).read_bytes() == edited


def test_capture_writes_all_of_a_patch_or_nothing(place: Place) -> None:
    tree = edited_tree(place)
    (tree / "vllm" / "more.py").write_text("X = 1\n")
    out = place.output / "out"
    out.mkdir()
    # The module can be written there, and the file that it adds cannot.
    (out / "runtime").write_text("kept")
    message = assert_clean_failure(place.run("capture", tree, "--name", "hand", "-o", out), 7)
    assert f"{out / 'runtime' / 'vllm' / 'more.py'} cannot be written: " in message
    assert [path.name for path in out.iterdir()] == ["runtime"]
    below = place.run("capture", tree, "--name", "hand", "-o", out / "runtime" / "below")
    assert "hand.py cannot be written: " in assert_clean_failure(below, 7)
    assert (out / "runtime").read_text() == "kept"


def test_capture_in_a_broken_platform_says_what_is_broken(place: Place) -> None:
    tree = edited_tree(place)
    path = place.patch("PATCH = None\nraise ValueError('boom')\n", "two")
    before = place.files()
    message = assert_clean_failure(place.run("capture", tree, "--name", "hand"), 9)
    assert f"two cannot be loaded: ValueError: boom\n  at {path}:2\n" in message
    assert place.files() == before


def test_new_writes_a_patch_and_its_test_or_nothing(place: Place) -> None:
    (place.project.root / "tests").write_text("in the way")
    before = place.files()
    message = assert_clean_failure(place.run("new", "acme", "more"), 7)
    assert "test_more.py cannot be written: " in message
    assert place.files() == before


def test_drift_refuses_a_page_that_cannot_be_written_before_it_works(place: Place) -> None:
    place.patch(GOOD)
    (place.output / "file").write_text("kept")
    page = place.output / "file" / "page.html"
    message = assert_clean_failure(place.run("drift", "-p", "acme", "--html", page), 7)
    assert f"{page} cannot be written: there is no folder {page.parent}" in message
    assert place.project.kept() == []


def test_a_good_patch_is_none_of_this(place: Place) -> None:
    place.patch(GOOD)
    for command in (*COMMANDS, "drift"):
        done = place.on_platform(command)
        assert done.returncode == 0, done.stderr
    (release,) = run_json(
        "check", "-p", "acme", project=place.project.root, env=place.project.environment()
    )["releases"]
    assert {item["outcome"] for item in release["patches"]} == {"applied"}
