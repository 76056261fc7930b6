"""An interpreter with a Triton is found, made, or refused with a reason. Its wheels are made up."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from build_hooks.errors import NetworkError, OutputError, TritonError, UsageError
from build_hooks.settings import Settings
from build_hooks.triton.environment import Interpreter, pip_environment, probe, provide
from tests.build_hooks.triton.stand_in import stand_in


def write_wheel(folder: Path, name: str, version: str, tag: str = "py3-none-any") -> None:
    """Write a wheel of one module that knows its version."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"__version__ = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with wheels of two stand-ins for Triton, of which one fits no Python."""
    folder = tmp_path_factory.mktemp("index")
    for name in ("packaging", "setuptools"):
        write_wheel(folder, name, "99.0")
    write_wheel(folder, "triton", "7.7.0")
    write_wheel(folder, "triton", "6.6.0", "cp27-cp27m-any")
    return folder


def kept(cache: Path) -> list[str]:
    """Name all that was made."""
    return sorted(path.name for path in (cache / "triton").glob("*"))


def test_an_environment_is_made_once_and_found_again(index: Path, tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path, index=str(index))
    made = provide("7.7.0", None, settings)
    assert made.triton == "7.7.0"
    assert len(kept(tmp_path)) == 1
    (tmp_path / "empty").mkdir()
    offline = Settings(cache=tmp_path, index=str(tmp_path / "empty"), offline=True)
    assert provide("7.7", None, offline) == made
    # One that has become useless gives way.
    Path(made.python).unlink()
    with pytest.raises(NetworkError, match="`offline` is set"):
        provide("7.7.0", None, offline)
    assert provide("7.7.0", None, settings) == made


def test_a_triton_without_a_wheel_for_this_python_is_said_so(index: Path, tmp_path: Path) -> None:
    with pytest.raises(TritonError, match=r"no wheel of Triton 6\.6\.0 for Python 3") as caught:
        provide("6.6.0", None, Settings(cache=tmp_path, index=str(index)))
    assert "--python" in str(caught.value)
    assert kept(tmp_path) == []


def test_an_index_that_cannot_be_reached_is_no_missing_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(NetworkError, match=r"Triton 7\.7\.0 cannot be installed"):
        provide("7.7.0", None, Settings(cache=tmp_path))
    assert kept(tmp_path) == []


def test_a_cache_that_cannot_be_written_is_said_so(index: Path, tmp_path: Path) -> None:
    (tmp_path / "triton").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be made"):
        provide("7.7.0", None, Settings(cache=tmp_path, index=str(index)))


def test_an_interpreter_says_its_triton(tmp_path: Path) -> None:
    python = stand_in(tmp_path, triton="3.1.0+musa")
    assert provide(None, python, Settings()) == Interpreter(python, "3.1.0+musa")
    assert provide("3.1", python, Settings()).triton == "3.1.0+musa"


def test_an_interpreter_without_triton_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TritonError, match="has no Triton: No module"):
        probe(stand_in(tmp_path, triton=None))


def test_an_interpreter_that_is_too_old_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TritonError, match=r"is Python 3\.9; 3\.10 is the oldest"):
        probe(stand_in(tmp_path, version=(3, 9)))


@pytest.mark.parametrize(
    ("program", "said"), [("no/such/program", "cannot be run"), ("/bin/false", "ended with 1")]
)
def test_a_program_that_is_no_interpreter_is_refused(program: str, said: str) -> None:
    with pytest.raises(TritonError, match=said):
        probe(program)


@pytest.mark.parametrize(
    ("triton", "said"), [(None, "name a Triton"), ("3.x", "which is no version")]
)
def test_what_names_no_triton_is_refused(triton: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        provide(triton, None, Settings())


def test_an_interpreter_with_another_triton_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has Triton 3\.1\.0, and --triton is 3\.2\.0"):
        provide("3.2.0", stand_in(tmp_path), Settings())


def test_without_our_own_setting_pip_reads_its_own_configuration() -> None:
    assert pip_environment(None) is os.environ


def test_our_own_setting_is_all_that_pip_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "/elsewhere")
    monkeypatch.setenv("PIP_CERT", "/ca.pem")
    found = pip_environment("https://a.example/simple https://b.example/simple")
    pips = {name: value for name, value in found.items() if name.startswith("PIP_") and value}
    assert pips.pop("PIP_DEFAULT_TIMEOUT").isdecimal()
    assert pips == {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "https://a.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://b.example/simple",
        "PIP_CERT": "/ca.pem",
    }
