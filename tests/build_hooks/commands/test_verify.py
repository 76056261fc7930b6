"""`verify` finds whatever was changed in a wheel or in an installation."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from typing import TYPE_CHECKING

import pytest

from build_hooks.commands.verify import NOT_COMPARED
from tests.build_hooks.command_line import assert_clean_failure, run, run_json
from tests.build_hooks.small_release import FILES, WHEEL
from tests.build_hooks.tampered import contents, tampered

if TYPE_CHECKING:
    from pathlib import Path

INFO = "vllm-0.33.0+musa.dist-info"
RECORD, MANIFEST = f"{INFO}/RECORD", f"{INFO}/wheelwright/manifest.json"
PLAIN, PATCHED = "vllm/_version.py", "vllm/v1/worker/gpu_worker.py"
SBOM = f"{INFO}/sboms/vllm-wheelwright.cdx.json"
NOT_GIVEN = "is not what the manifest and the diffs give"
TAKEN_BACK = "is not upstream's when its diffs are taken back"
DIFF = f"{INFO}/wheelwright/musa/worker_device_type.diff"


def problems(
    wheel: Path,
    folder: Path,
    changes: dict[str, bytes | None],
    *,
    record: bool = False,
) -> dict[str, list[str]]:
    other = tampered(wheel, folder / WHEEL, changes, record=record)
    document = run_json("verify", other, code=1)
    assert document["good"] is False
    found: dict[str, list[str]] = {}
    for problem in document["problems"]:
        found.setdefault(problem["path"], []).append(problem["problem"])
    return found


def test_passes_what_was_built(wheel: Path) -> None:
    done = run("verify", wheel)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"PASS: vllm 0.33.0+musa: 4 patches in {FILES + 2} files, 0 problems",
        f"not compared with vllm-0.33.0.tar.gz: {NOT_COMPARED}",
    ]
    document = run_json("verify", wheel)
    assert document["good"] is True
    assert document["problems"] == []
    assert (document["version"], document["upstream"]) == ("0.33.0+musa", None)


def test_passes_what_another_tool_packed_anew(wheel: Path, tmp_path: Path) -> None:
    assert run_json("verify", tampered(wheel, tmp_path / WHEEL, {}))["good"] is True


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (PLAIN, ["differs from RECORD"]),
        (PATCHED, ["differs from RECORD", "differs from the manifest", TAKEN_BACK]),
        (DIFF, ["differs from RECORD", "is malformed in line 13: b'\\n'"]),
        (f"{INFO}/METADATA", ["differs from RECORD"]),
    ],
)
def test_finds_a_changed_file(wheel: Path, tmp_path: Path, path: str, expected: list[str]) -> None:
    found = problems(wheel, tmp_path, {path: contents(wheel)[path] + b"\n"})
    assert set(found.pop(path)) >= {*expected}
    assert set(found) <= {MANIFEST, SBOM}


def test_finds_a_changed_patched_file_behind_a_mended_record(wheel: Path, tmp_path: Path) -> None:
    found = problems(wheel, tmp_path, {PATCHED: b"hostile = 1\n"}, record=True)
    assert found[PATCHED] == ["differs from the manifest"]


def test_finds_a_missing_file(wheel: Path, tmp_path: Path) -> None:
    assert problems(wheel, tmp_path, {PLAIN: None}) == {
        PLAIN: ["is in RECORD and not in the wheel"]
    }
    found = problems(wheel, tmp_path, {PATCHED: None}, record=True)
    assert found[PATCHED] == ["is in the manifest and not in the wheel"]
    found = problems(wheel, tmp_path, {DIFF: None}, record=True)
    assert found[DIFF] == ["is missing"]


def test_finds_an_added_file(wheel: Path, tmp_path: Path) -> None:
    assert problems(wheel, tmp_path, {"vllm/hostile.py": b""}) == {
        "vllm/hostile.py": ["is not in RECORD"]
    }


def test_finds_edits_of_record(wheel: Path, tmp_path: Path) -> None:
    record = contents(wheel)[RECORD].decode()
    line = next(line for line in record.splitlines() if line.startswith(f"{PLAIN},"))

    def found(text: str | bytes | None) -> dict[str, list[str]]:
        data = text.encode() if isinstance(text, str) else text
        return problems(wheel, tmp_path, {RECORD: data})

    assert found(record.replace(f"{line}\n", "")) == {PLAIN: ["is not in RECORD"]}
    assert found(record.replace(line, f"{line[:-1]}9")) == {PLAIN: ["differs from RECORD"]}
    assert found(record.replace(line, f"{PLAIN},,")) == {PLAIN: ["differs from RECORD"]}
    assert found(record.replace(line, line.replace("sha256=", "md5="))) == {
        PLAIN: ["differs from RECORD"]
    }
    assert found(f"{record}{line}\n") == {RECORD: [f"has a wrong or second row: {line}"]}
    assert found(f"{record}x\n") == {RECORD: ["has a wrong or second row: x"]}
    assert found(None) == {RECORD: ["is missing"]}
    assert "cannot be read" in found(b"\xff\xfe")[RECORD][0]


def edited(wheel: Path, *path: str | int, value: object) -> bytes:
    document = json.loads(contents(wheel)[MANIFEST])
    place = document
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(document).encode()


def test_finds_edits_of_the_manifest(wheel: Path, tmp_path: Path) -> None:
    text = edited(wheel, "patches", 0, "why", value="another reason")
    assert problems(wheel, tmp_path, {MANIFEST: text}) == {
        MANIFEST: ["differs from RECORD"],
        SBOM: [NOT_GIVEN],
    }


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (
            ("files", 0, "sha256_after"),
            "0" * 64,
            {"vllm/__init__.py": "differs from the manifest"},
        ),
        (("files", 0), None, {MANIFEST: "has another digest than its files give"}),
        (("digest",), "0" * 64, {MANIFEST: "has another digest than its files give"}),
        (
            ("version",),
            "0.33.0+other",
            {INFO: "is not of the manifest's distribution and version"},
        ),
    ],
)
def test_finds_edits_of_the_manifest_behind_a_mended_record(
    wheel: Path,
    tmp_path: Path,
    path: tuple[str | int, ...],
    value: object,
    expected: dict[str, str],
) -> None:
    found = problems(wheel, tmp_path, {MANIFEST: edited(wheel, *path, value=value)}, record=True)
    assert found.pop(SBOM) == [NOT_GIVEN]
    assert set(found) >= {*expected}
    for name, problem in expected.items():
        assert problem in found[name]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "has schema None, not 1"),
        (b"{}", "has schema None, not 1"),
        (b'{"schema": 99}', "has schema 99, not 1"),
        (b'{"schema": 1}', "manifest.builder is no object"),
    ],
)
def test_a_manifest_that_is_none_is_an_integrity_error(
    wheel: Path, tmp_path: Path, text: bytes, why: str
) -> None:
    other = tampered(wheel, tmp_path / WHEEL, {MANIFEST: text}, record=True)
    for command in ("verify", "show"):
        assert why in assert_clean_failure(run(command, other), 5)


def test_a_wheel_of_someone_else_is_named_as_such(wheel: Path, tmp_path: Path) -> None:
    stock = tampered(wheel, tmp_path / WHEEL, {MANIFEST: None}, record=True)
    for command in ("verify", "show"):
        message = assert_clean_failure(run(command, stock), 5)
        assert "carries no manifest: vllm-wheelwright has not built it" in message


@pytest.mark.parametrize("count", [0, 2])
def test_a_wheel_without_its_one_dist_info_is_no_usable_wheel(tmp_path: Path, count: int) -> None:
    path = tmp_path / WHEEL
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("vllm/__init__.py", "")
        for number in range(count):
            archive.writestr(f"v-{number}.dist-info/METADATA", "")
    message = assert_clean_failure(run("verify", path), 6)
    assert f"has {count} .dist-info folders, expected one" in message


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "verify takes a wheel or sdist, or --installed"),
        (["a.whl", "--installed"], "verify takes a wheel or sdist, or --installed"),
        (["a.whl", "--python", "python"], "--python goes with --installed"),
        (["missing.whl"], "no such wheel or sdist: missing.whl"),
        (["pyproject.toml"], "no such wheel or sdist: pyproject.toml"),
        (["--installed", "--python", "no-such-python"], "no-such-python cannot be run"),
    ],
)
def test_wrong_use(words: list[str], why: str) -> None:
    assert why in assert_clean_failure(run("verify", *words), 2)


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Unpack the wheel as an installer does; give the interpreter and the folder."""
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    program = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True)
    site = tmp_path / done.stdout.strip()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return python, site


def test_passes_an_installation_and_finds_what_was_changed_in_it(
    installed: tuple[Path, Path],
) -> None:
    python, site = installed
    words = ("verify", "--installed", "--python", python)
    done = run(*words)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"PASS: vllm 0.33.0+musa: 4 patches in {FILES + 2} files, 0 problems\n"
    (site / PATCHED).write_bytes(b"hostile = 1\n")
    (site / PLAIN).unlink()
    document = run_json(*words, code=1)
    assert [item["path"] for item in document["problems"]] == [PLAIN, PATCHED]


def test_an_installation_that_is_none_says_so(installed: tuple[Path, Path]) -> None:
    python, site = installed
    words = ("verify", "--installed", "--python", python)
    (site / "vllm/wheelwright.py").unlink()
    assert "does not describe itself" in assert_clean_failure(run(*words), 5)
    (site / "vllm/__init__.py").unlink()
    for path in sorted((site / "vllm").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (site / "vllm").rmdir()
    assert "has no vllm installed" in assert_clean_failure(run(*words), 2)


def test_a_wheel_of_this_very_interpreter_is_not_there() -> None:
    done = run("verify", "--installed", "--python", sys.executable)
    assert "has no vllm installed" in assert_clean_failure(done, 2)
