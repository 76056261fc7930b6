"""Byte code that is not what its source compiles to is named; CPython itself would run it."""

from __future__ import annotations

import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from transforms.common.runtime.vllm.wheelwright_checks import bytecode

TIMESTAMP = py_compile.PycInvalidationMode.TIMESTAMP
CHECKED = py_compile.PycInvalidationMode.CHECKED_HASH
UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH
MODES = [TIMESTAMP, CHECKED, UNCHECKED]
TIME = 1_600_000_000
OLD, NEW = "DEVICE = 'cuda'\n", "DEVICE = 'musa'\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "vllm"
    folder.mkdir()
    write(folder / "engine.py", OLD)
    return folder


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    # As all files of a reproducible archive have it.
    os.utime(path, (TIME, TIME))


def compiled(package: Path, mode: py_compile.PycInvalidationMode = TIMESTAMP) -> Path:
    return Path(str(py_compile.compile(str(package / "engine.py"), invalidation_mode=mode)))


def imported(package: Path) -> str:
    """Give what Python itself takes from the file."""
    program = "import engine; print(engine.DEVICE)"
    command = [sys.executable, "-B", "-c", program]
    return subprocess.run(command, cwd=package, capture_output=True, text=True, check=True).stdout


def problems(package: Path) -> dict[str, str]:
    return bytecode.check(package.parent, package)


@pytest.mark.parametrize("mode", MODES)
def test_passes_what_a_compiler_has_written(
    package: Path, mode: py_compile.PycInvalidationMode
) -> None:
    compiled(package, mode)
    for level in (1, 2):
        py_compile.compile(str(package / "engine.py"), invalidation_mode=mode, optimize=level)
    assert problems(package) == {}


@pytest.mark.parametrize(
    ("mode", "runs"), [(TIMESTAMP, "cuda"), (CHECKED, "musa"), (UNCHECKED, "cuda")]
)
def test_finds_code_of_another_source_of_the_same_time_and_size(
    package: Path, mode: py_compile.PycInvalidationMode, runs: str
) -> None:
    path = compiled(package, mode)
    write(package / "engine.py", NEW)
    assert imported(package) == f"{runs}\n"
    (problem,) = problems(package).items()
    assert problem[0] == path.relative_to(package.parent).as_posix()
    assert ("Python runs it all the same" in problem[1]) is (runs == "cuda")


def test_finds_code_that_was_made_for_another_time(package: Path) -> None:
    compiled(package)
    os.utime(package / "engine.py", (TIME + 60, TIME + 60))
    ((_, problem),) = problems(package).items()
    assert problem == "is stale byte code: Python will compile its source anew"
    assert imported(package) == "cuda\n"


@pytest.mark.parametrize("damage", [b"", b"junk" * 20, None])
def test_finds_what_is_no_byte_code(package: Path, damage: bytes | None) -> None:
    path = compiled(package)
    data = path.read_bytes()
    path.write_bytes(data[:-9] if damage is None else damage)
    assert len(problems(package)) == 1


def test_finds_byte_code_without_its_source(package: Path) -> None:
    path = compiled(package)
    (package / "hidden.pyc").write_bytes(path.read_bytes())
    (package / "engine.py").unlink()
    found = problems(package)
    assert found.pop("vllm/hidden.pyc") == (
        "is byte code without its source: Python runs it all the same"
    )
    assert list(found.values()) == ["is byte code of a source that is not there"]


def test_leaves_byte_code_of_other_interpreters_alone(package: Path) -> None:
    path = compiled(package)
    path.rename(path.with_name("engine.graalpy-38.pyc"))
    assert problems(package) == {}


def test_a_file_that_ends_the_interpreter_is_named_and_the_others_are_judged(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        write(package / f"{name}.py", OLD)
        py_compile.compile(str(package / f"{name}.py"))
        write(package / f"{name}.py", NEW)
    # Stands for a process that dies over the second file.
    program = package.parent / "judge.py"
    text = Path(bytecode.__file__).read_text(encoding="utf-8")
    program.write_text(
        text.replace("    for row in json", "    import os as _os\n    for row in json").replace(
            "        sys.stdout.write(",
            "        if row[0].count('/b.'): _os.abort()\n        sys.stdout.write(",
        ),
        encoding="utf-8",
    )
    monkeypatch.setattr(bytecode, "__file__", str(program))
    found = {Path(path).name[0]: text for path, text in problems(package).items()}
    assert found["b"] == "cannot be read without ending the interpreter"
    assert set(found) == {"a", "b", "c"}
