"""What no patch has changed is compared with upstream's own file, whatever RECORD says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.build_hooks.command_line import assert_clean_failure, run, run_json
from tests.build_hooks.project import Project, make_project
from tests.build_hooks.small_release import RELEASE, SDIST, WHEEL
from tests.build_hooks.tampered import contents, tampered

if TYPE_CHECKING:
    from pathlib import Path

INFO = f"vllm-{RELEASE}+musa.dist-info"
NAMED = f"vllm-{RELEASE}.tar.gz"


def problems(
    wheel: Path, upstream: Path, folder: Path, changes: dict[str, bytes | None]
) -> set[str]:
    other = tampered(wheel, folder / wheel.name, changes, record=True)
    document = run_json("verify", other, "--upstream", upstream, code=1)
    assert document["upstream"] == upstream.name
    return {f"{item['path']} {item['problem']}" for item in document["problems"]}


@pytest.fixture(params=["sdist", "wheel"])
def built(request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """Give a patched wheel and what it was built from, of both kinds."""
    names = ("wheel", "sdist") if request.param == "sdist" else ("patched", "upstream")
    ours, theirs = (request.getfixturevalue(name) for name in names)
    return ours, theirs


def test_passes_what_was_built(built: tuple[Path, Path]) -> None:
    done = run("verify", built[0], "--upstream", built[1])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"compared with {built[1].name}, every file"


def test_finds_what_a_mended_record_hides(built: tuple[Path, Path], tmp_path: Path) -> None:
    wheel, upstream = built
    files = contents(wheel)
    changes: dict[str, bytes | None] = {
        "vllm/config/__init__.py": b"hostile = 1\n",
        "vllm/more.py": b"hostile = 1\n",
        "vllm/tool.sh": None,
        "vllm/__pycache__/more.cpython-311.pyc": b"",
        f"{INFO}/METADATA": files[f"{INFO}/METADATA"].replace(b"Apache-2.0", b"MIT"),
        f"{INFO}/WHEEL": files[f"{INFO}/WHEEL"].replace(b"none-any", b"none-none"),
        f"{INFO}/entry_points.txt": b"[console_scripts]\nvllm = hostile:main\n",
        f"{INFO}/licenses/LICENSE": None,
        f"{INFO}/wheelwright/more.diff": b"",
    }
    found = problems(wheel, upstream, tmp_path, changes)
    made, other = "is not what a build makes of upstream's", "differs from upstream's"
    own = made if upstream.name == NAMED else other
    expected = {
        f"vllm/config/__init__.py {other}",
        "vllm/more.py is neither upstream's nor in the manifest",
        "vllm/tool.sh is upstream's and missing",
        "vllm/__pycache__/more.cpython-311.pyc is byte code, which nobody can read or compare",
        f"{INFO}/METADATA {made}",
        f"{INFO}/entry_points.txt {own}",
        f"{INFO}/licenses/LICENSE is upstream's and missing",
        f"{INFO}/wheelwright/more.diff is of no patch in the manifest",
    }
    if b"none-any" in files[f"{INFO}/WHEEL"]:
        expected.add(f"{INFO}/WHEEL {made}")
    assert expected <= found


def test_finds_permissions_that_are_not_upstreams(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    import zipfile  # noqa: PLC0415

    other = tmp_path / WHEEL
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(other, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            info.external_attr = 0o100755 << 16
            if info.filename == "vllm/tool.sh":
                info.external_attr = 0o100644 << 16
            if info.filename in {"vllm/tool.sh", "vllm/_version.py"} or "sboms" in info.filename:
                new.writestr(info, data)
            else:
                info.external_attr = 0o100644 << 16
                new.writestr(info, data)
    document = run_json("verify", other, "--upstream", sdist, code=1)
    assert {item["path"] for item in document["problems"]} >= {"vllm/tool.sh", "vllm/_version.py"}


def test_a_version_of_this_project_is_nothing_of_upstreams(
    wheel: Path, sdist: Path, tmp_path: Path
) -> None:
    text = contents(wheel)[f"{INFO}/WHEEL"].replace(b"vllm-wheelwright 0", b"vllm-wheelwright 9")
    other = tampered(wheel, tmp_path / WHEEL, {f"{INFO}/WHEEL": text}, record=True)
    assert run_json("verify", other, "--upstream", sdist)["good"] is True


def test_a_file_that_it_was_not_built_from_is_refused(wheel: Path, tmp_path: Path) -> None:
    other = tmp_path / NAMED
    other.write_bytes(b"")
    message = assert_clean_failure(run("verify", wheel, "--upstream", other), 5)
    assert f"{other} is not the file that this was built from: {NAMED}" in message


def test_what_the_lock_does_not_name_cannot_be_fetched(wheel: Path) -> None:
    message = assert_clean_failure(run("verify", wheel, "--fetch"), 2)
    assert f"the lock has no {NAMED} of this sha256" in message
    assert "--upstream" in message


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("compared"))
    for kind in ("--wheel", "--sdist"):
        done = project.build(kind, "-o", project.root / "dist")
        assert done.returncode == 0, done.stderr
    return project


def test_what_the_cache_lacks_is_fetched_where_that_is_asked_for(project: Project) -> None:
    where: dict[str, Any] = {"project": project.root, "env": project.environment()}
    for path in (project.root / "dist" / WHEEL, project.root / "dist" / SDIST):
        assert run_json("verify", path, **where)["upstream"] == NAMED
    empty = project.environment(VLLM_WHEELWRIGHT_CACHE=str(project.root / "empty"))
    where["env"] = empty
    for path in (project.root / "dist" / WHEEL, project.root / "dist" / SDIST):
        assert run_json("verify", path, **where)["upstream"] is None
        assert not (project.root / "empty").exists()
    assert run_json("verify", path, "--fetch", **where)["upstream"] == NAMED
    assert json.loads(run("show", path, "--json").stdout)["manifest"]["version"]
