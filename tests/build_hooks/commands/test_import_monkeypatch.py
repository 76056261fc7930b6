"""`import-monkeypatch` writes what a plugin does while vLLM runs as patches that hold."""

from __future__ import annotations

import zipfile
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from tests.build_hooks.command_line import assert_clean_failure, run, run_json
from tests.build_hooks.project import copy_checkout
from tests.build_hooks.small_release import RELEASE, write_folder, write_sdist

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

NEVER = "raise SystemExit('a plugin must never be run')\n"
TEXTS = {
    "plug/__init__.py": NEVER,
    "plug/machine.py": f"{NEVER}import driver\n\ndef is_old():\n    return driver.is_old()\n",
    "plug/patch/__init__.py": """
        # ** File: worker/patch_device.py **
        #   1. `vllm.v1.worker.gpu_worker.Worker.init_device`
        #    Why:
        #       The worker knows one
        #       device only.
        #    Related PR (if no, explain why):
        #       https://example.org/pull/1
        #    Future Plan:
        #       Remove it when the worker asks the platform.
        # ** File: worker/patch_gone.py **
        #   1. `vllm.gone`
        #    Why: It is gone.
        """,
    "plug/patch/worker/__init__.py": """
        import plug.patch.worker.patch_device
        import plug.patch.worker.patch_other
        """,
    "plug/patch/worker/patch_device.py": """
        '''Devices that vLLM does not know.'''
        from vllm.v1.worker.gpu_worker import Worker

        KNOWN = ("cuda", "acme")

        def init_device(self) -> None:
            if self.device_config.device_type in KNOWN:
                self.started = True
            else:
                raise RuntimeError("no such device")

        Worker.init_device = init_device
        """,
    "plug/patch/worker/patch_other.py": """
        import torch
        from plug.machine import is_old
        from vllm.platforms import interface

        torch.cuda.Stream = None
        if is_old():
            interface.Platform.device_type = "old"
        """,
}
ADDED = [
    "runtime/vllm/wheelwright_plugins/__init__.py",
    "runtime/vllm/wheelwright_plugins/plug/__init__.py",
    "runtime/vllm/wheelwright_plugins/plug/device.py",
]
FILES = {path: dedent(text).removeprefix("\n").encode() for path, text in TEXTS.items()}


class Place:
    """A plugin, a release, a checkout, and what is made of them."""

    def __init__(self, folder: Path, sdist: Path) -> None:
        self.plugin = write_folder(folder / "plugin", FILES)
        self.sdist = sdist
        self.out = folder / "out"

    def words(self, *words: str | Path, plugin: Path | None = None) -> list[str | Path]:
        """Give the words of the command."""
        given = ["--vllm", RELEASE, "--source", self.sdist, "-o", self.out, *words]
        return ["import-monkeypatch", plugin or self.plugin, *given]

    def run(self, *words: str | Path, plugin: Path | None = None) -> Any:  # noqa: ANN401
        """Import, and give what was written as JSON, held against the schema."""
        return run_json(*self.words(*words, plugin=plugin))

    def text(self, *words: str) -> str:
        """Import, and give what a person sees."""
        done: subprocess.CompletedProcess[str] = run(*self.words(*words))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *words: str | Path, code: int = 2, plugin: Path | None = None) -> str:
        """Assert that the command fails, and that it writes nothing; give the message."""
        before = self.written()
        message = assert_clean_failure(run(*self.words(*words, plugin=plugin)), code)
        assert self.written() == before
        return message

    def written(self) -> dict[str, bytes]:
        """Give what is in the folder for patches, files that are half-written included."""
        return {
            path.relative_to(self.out).as_posix(): path.read_bytes()
            for path in self.out.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def place(tmp_path: Path, sdist: Path) -> Place:
    return Place(tmp_path, sdist)


def test_the_patches_load_and_are_applied(place: Place, tmp_path: Path) -> None:
    project = copy_checkout(tmp_path / "project")
    place.out = project / "transforms" / "platforms" / "acme"
    place.out.mkdir()
    declared = 'from transforms.edits import PatchSet\n\nPATCH_SET = PatchSet(name="acme", '
    (place.out / "__init__.py").write_text(declared + 'summary="acme", source="sdist")\n')
    document = place.run("--define", "is_old=True")
    assert document["files"] == [
        str(place.out / name) for name in ("device.py", "other.py", *ADDED)
    ]
    assert document["missing"] == {"other": ["why", "upstream", "drop_when"]}
    # What its documentation leaves out is its author's to say.
    other = place.out / "other.py"
    for name in document["missing"]["other"]:
        assert other.read_text().count(f'{name}="",') == 1
        other.write_text(other.read_text().replace(f'{name}="",', f'{name}="w",'))
    checked = run_json("check", "-p", "acme", "--source", place.sdist, project=project)
    assert checked["good"] is True
    (release,) = checked["releases"]
    outcomes = {each["patch"]: each["outcome"] for each in release["patches"]}
    assert (outcomes["acme/device"], outcomes["acme/other"]) == ("applied", "applied")
    diff = run("diff", "-p", "acme", "--source", place.sdist, project=project).stdout
    assert "+    device_type: str = 'old'" in diff


def test_what_the_plugin_says_of_a_patch_is_in_its_module(place: Place) -> None:
    document = place.run()
    names: dict[str, Any] = {}
    exec(place.written()["device.py"].decode(), names)  # noqa: S102 - as the loader does
    assert names["__doc__"] == "Devices that vLLM does not know."
    assert names["PATCH"].why == "The worker knows one device only."
    assert names["PATCH"].upstream == "https://example.org/pull/1"
    assert names["PATCH"].drop_when == "Remove it when the worker asks the platform."
    assert names["PATCH"].versions == f"=={RELEASE}"
    (row,) = (row for row in document["rows"] if row["patch"] == "device")
    assert row["why"] == "The worker knows one device only."
    assert document["undocumented"] == ["plug/patch/worker/patch_other.py"]
    assert document["lost"] == ["worker/patch_gone.py: `vllm.gone`"]


def test_each_change_is_a_row_with_its_outcome(place: Place) -> None:
    document = place.run()
    assert document["roots"] == ["plug.patch.worker"]
    rows = {row["spelled"]: row for row in document["rows"]}
    assert {name: row["outcome"] for name, row in rows.items()} == {
        "Worker.init_device": "compiled",
        "torch.cuda.Stream": "cannot",
        "interface.Platform.device_type": "needs a hint",
    }
    assert rows["Worker.init_device"]["target"] == "vllm.v1.worker.gpu_worker:Worker.init_device"
    assert rows["Worker.init_device"]["file"] == "plug/patch/worker/patch_device.py"
    assert rows["Worker.init_device"]["line"] == 12
    assert "is_old" in rows["interface.Platform.device_type"]["what"]


def test_what_cannot_be_compiled_is_in_the_last_line_and_no_failure(place: Place) -> None:
    text = place.text()
    assert text.splitlines()[-1] == (
        f"imported plug for {RELEASE}: 3 changes: compiled 1 (1 patch), needs nothing 0, "
        "needs a hint 1, cannot 1; 2 are left to do by hand"
    )
    assert f"wrote {place.out / 'device.py'}" in text


def test_a_define_settles_what_needed_a_hint(place: Place) -> None:
    rows = place.run("--define", "is_old=False")["rows"]
    assert [row["outcome"] for row in rows if "device_type" in row["target"]] == ["needs nothing"]


def test_helpers_of_a_patch_module_become_files_of_the_wheel(place: Place) -> None:
    document = place.run()
    added = [name for name in place.written() if name.startswith("runtime/")]
    assert sorted(added) == sorted(ADDED)
    assert document["files"][1:] == [str(place.out / name) for name in ADDED]
    assert b'KNOWN = ("cuda", "acme")' in place.written()[ADDED[2]]


@pytest.mark.parametrize("shape", ["package", "sdist", "wheel", "src"])
def test_the_plugin_comes_in_any_shape(place: Place, tmp_path: Path, shape: str) -> None:
    shapes = {
        "package": lambda: place.plugin / "plug",
        "sdist": lambda: write_sdist(tmp_path / "plug-1.0.tar.gz", FILES, executable=()),
        "wheel": lambda: write_zip(tmp_path / "plug-1.0-py3-none-any.whl"),
        "src": lambda: write_folder(
            tmp_path / "s", {f"src/{path}": data for path, data in FILES.items()}
        ),
    }
    place.run()
    expected = place.written()
    place.out = tmp_path / "again"
    place.run(plugin=shapes[shape]())
    assert place.written() == expected


def write_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    return path


def test_a_file_that_does_not_parse_is_a_row(place: Place) -> None:
    path = "plug/patch/worker/patch_other.py"
    (place.plugin / path).write_text("import torch\ndef broken(:\n")
    rows = place.run()["rows"]
    (row,) = (row for row in rows if row["file"] == path)
    assert (row["line"], row["outcome"]) == (2, "cannot")
    assert "does not parse" in row["what"]
    assert "compiled" in {row["outcome"] for row in rows}


def test_nothing_is_written_over(place: Place) -> None:
    place.out.mkdir()
    (place.out / "device.py").write_text("mine")
    assert f"{place.out / 'device.py'} exists" in place.refused()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--root", "plug.patch.worke"), "no module 'plug.patch.worke' (did you mean 'plug.patch."),
        (("--root", "other.patch"), "plug has no module 'other.patch'"),
        (("--root", "plug.machine"), "plug: nothing below plug.machine patches vLLM"),
        (("--define", "is_old"), "define 'is_old': it is no name=value"),
        (("--define", "is_old="), "define 'is_old=': it is no name=value"),
        (("--define", "is_old=True", "is_old=False"), "both is_old=True and is_old=False"),
        (("--define", "is_old=1 +"), "'1 +' is no expression of Python"),
        (("--define", "is_odl=True"), "asks for 'is_odl' (did you mean 'is_old'?)"),
        (("--vllm", "0.32.0"), "0.32.0 is asked for"),
    ],
)
def test_wrong_use(place: Place, words: tuple[str, ...], message: str) -> None:
    assert message in place.refused(*words)


def test_what_holds_no_package_is_refused(place: Place, tmp_path: Path) -> None:
    assert "holds none: there is no __init__.py" in place.refused(plugin=place.sdist.parent)
    assert "no such file or folder" in place.refused(plugin=tmp_path / "nowhere")
    archive = tmp_path / "plug-1.0.tar.gz"
    archive.write_bytes(b"no archive")
    assert "not a usable sdist" in place.refused(plugin=archive, code=6)
    write_folder(place.plugin, {"second/__init__.py": b""})
    assert "holds several packages: plug, second" in place.refused()
    assert place.run("--root", "plug.patch.worker")["plugin"] == "plug"


def test_without_a_patch_package_a_root_must_be_named(place: Place) -> None:
    (place.plugin / "plug/patch").rename(place.plugin / "plug/changes")
    assert "plug has no plug.patch" in place.refused()
