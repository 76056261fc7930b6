"""What an sdist may hold, and that nothing of any other is used."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

from build_hooks.artifact.sdist import SdistTree
from build_hooks.errors import ArtifactError
from tests.build_hooks.artifact.archives import (
    GOOD,
    ROOT,
    entry,
    make_sdist,
    write_tar,
)
from tests.build_hooks.command_line import REPOSITORY, environment

if TYPE_CHECKING:
    from pathlib import Path


def refused(path: Path, why: str) -> str:
    with pytest.raises(ArtifactError, match=why) as caught:
        SdistTree(path)
    assert path.name in str(caught.value)
    assert "nothing of it was used" in str(caught.value)
    return str(caught.value)


def test_gives_files_below_the_top_folder_with_their_bits_and_the_newest_time(
    tmp_path: Path,
) -> None:
    folder = entry(f"{ROOT}/vllm/sub", b"", type=tarfile.DIRTYPE)
    tool = entry(f"{ROOT}/vllm/tool.sh", b"#!\n", mode=0o755, mtime=1_700_000_000)
    empty = entry(f"{ROOT}/vllm/py.typed", b"", mtime=1_600_000_000)
    tree = SdistTree(make_sdist(tmp_path, folder, tool, empty))
    assert sorted(tree) == ["vllm/__init__.py", "vllm/py.typed", "vllm/tool.sh"]
    assert tree.read("vllm/tool.sh") == b"#!\n"
    assert tree.read("vllm/py.typed") == b""
    assert [path for path in tree if tree.is_executable(path)] == ["vllm/tool.sh"]
    assert tree.newest == 1_700_000_000
    assert "vllm/sub" not in tree
    assert "vllm" not in tree


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/etc/passwd", "an absolute path"),
        ("//server/share", "an absolute path"),
        (f"{ROOT}/../../etc/passwd", r"a path with '\.\.'"),
        ("..", r"a path with '\.\.'"),
        ("C:/windows/x.py", "a drive letter"),
        (f"{ROOT}/C:/windows/x.py", "a drive letter"),
        (f"{ROOT}\\..\\x.py", "a backslash"),
        (f"{ROOT}/a\nb.py", "a control character"),
        (f"{ROOT}/a\x1b[2Jb.py", "a control character"),
        (f"{ROOT}/a\u202eyp.exe", "a control character"),
        (f"{ROOT}//x.py", r"an empty or '\.' part"),
        (f"{ROOT}/./x.py", r"an empty or '\.' part"),
        (f"{ROOT}/{'n' * 5000}", "more than 4096 bytes"),
    ],
)
def test_refuses_a_hostile_name(tmp_path: Path, name: str, why: str) -> None:
    message = refused(make_sdist(tmp_path, entry(name)), why)
    assert message.isprintable() or "\n  next:" in message
    assert "\x1b" not in message


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_refuses_a_name_that_is_not_utf_8(tmp_path: Path, form: int) -> None:
    refused(make_sdist(tmp_path, entry(f"{ROOT}/b\udcff.py"), form=form), "a bad encoding")


def test_refuses_a_file_that_is_named_as_a_folder(tmp_path: Path) -> None:
    path = make_sdist(tmp_path, entry(f"{ROOT}/vllm/x.py/"), form=tarfile.GNU_FORMAT)
    refused(path, "a file that is named as a folder")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (tarfile.SYMTYPE, "../../outside"),
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.SYMTYPE, "x/../../../outside"),
        (tarfile.SYMTYPE, f"../../{ROOT}/vllm/__init__.py"),
        (tarfile.LNKTYPE, "/etc/passwd"),
        (tarfile.LNKTYPE, "other-1.0/x.py"),
        (tarfile.LNKTYPE, f"{ROOT}/../other/x.py"),
    ],
)
def test_refuses_a_link_that_leaves_the_tree(tmp_path: Path, kind: bytes, target: str) -> None:
    link = entry(f"{ROOT}/vllm/link.py", b"", type=kind, linkname=target)
    refused(make_sdist(tmp_path, link), "a link out of the tree")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (tarfile.SYMTYPE, "missing.py"),
        (tarfile.SYMTYPE, "."),
        (tarfile.SYMTYPE, "../vllm"),
        (tarfile.SYMTYPE, "link.py"),
        (tarfile.LNKTYPE, f"{ROOT}/vllm/missing.py"),
        (tarfile.LNKTYPE, ""),
    ],
)
def test_refuses_a_link_that_leads_to_no_file(tmp_path: Path, kind: bytes, target: str) -> None:
    link = entry(f"{ROOT}/vllm/link.py", b"", type=kind, linkname=target)
    refused(make_sdist(tmp_path, link), "a link to no file")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (tarfile.SYMTYPE, "../tool.sh"),
        (tarfile.SYMTYPE, "../vllm/sub/../../tool.sh"),
        (tarfile.LNKTYPE, f"{ROOT}/tool.sh"),
    ],
)
def test_follows_a_link_inside_the_tree(tmp_path: Path, kind: bytes, target: str) -> None:
    tool = entry(f"{ROOT}/tool.sh", b"#!\n", mode=0o755)
    link = entry(f"{ROOT}/vllm/link.sh", b"", type=kind, linkname=target)
    second = entry(f"{ROOT}/vllm/again.sh", b"", type=tarfile.SYMTYPE, linkname="link.sh")
    tree = SdistTree(make_sdist(tmp_path, second, tool, link))
    for name in ("vllm/link.sh", "vllm/again.sh"):
        assert tree.read(name) == b"#!\n"
        assert tree.is_executable(name)


def test_refuses_links_in_a_circle(tmp_path: Path) -> None:
    one = entry(f"{ROOT}/a", b"", type=tarfile.SYMTYPE, linkname="b")
    two = entry(f"{ROOT}/b", b"", type=tarfile.SYMTYPE, linkname="a")
    refused(make_sdist(tmp_path, one, two), "a link to no file")


def test_refuses_a_file_behind_a_link(tmp_path: Path) -> None:
    link = entry(f"{ROOT}/d", b"", type=tarfile.SYMTYPE, linkname="vllm")
    refused(make_sdist(tmp_path, link, entry(f"{ROOT}/d/x.py")), "as a file and as a folder")


@pytest.mark.parametrize(
    "kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"?"], ids=repr
)
def test_refuses_devices_and_pipes(tmp_path: Path, kind: bytes) -> None:
    refused(make_sdist(tmp_path, entry(f"{ROOT}/vllm/d", b"", type=kind)), "a device or pipe")


def test_refuses_a_member_twice(tmp_path: Path) -> None:
    refused(make_sdist(tmp_path, entry(GOOD, b"y = 2\n")), r"the member '.*__init__\.py' twice")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vllm/Ops.py", "vllm/ops.py"),
        ("vllm/Ops/a.py", "vllm/ops/b.py"),
        ("vllm/stra\u00dfe.py", "vllm/STRASSE.py"),
        ("vllm/caf\u00e9.py", "vllm/cafe\u0301.py"),
        ("vllm/\u212a.py", "vllm/k.py"),
    ],
)
def test_refuses_names_that_are_one_where_case_or_form_is_ignored(
    tmp_path: Path, one: str, other: str
) -> None:
    path = make_sdist(tmp_path, entry(f"{ROOT}/{one}"), entry(f"{ROOT}/{other}"))
    refused(path, "equal but for case")


def test_refuses_a_file_that_is_a_folder_too(tmp_path: Path) -> None:
    path = make_sdist(tmp_path, entry(f"{GOOD}/inner.py"))
    refused(path, "as a file and as a folder")


def test_refuses_two_top_folders(tmp_path: Path) -> None:
    refused(make_sdist(tmp_path, entry("other-1.0/x.py")), "2 top folders where an sdist has one")


def test_refuses_a_single_file_instead_of_a_top_folder(tmp_path: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member, data = entry("README")
        archive.addfile(member, io.BytesIO(data))
    refused(write_tar(tmp_path, file.getvalue()), "no file in its top folder")


def test_refuses_a_sparse_member(tmp_path: Path) -> None:
    gnu = entry(f"{ROOT}/sparse", b"", type=tarfile.GNUTYPE_SPARSE)
    refused(make_sdist(tmp_path, gnu, form=tarfile.GNU_FORMAT), "a sparse member")
    headers = {"GNU.sparse.major": "0", "GNU.sparse.map": "0,1", "GNU.sparse.size": "99999999"}
    pax = entry(f"{ROOT}/sparse", b"x", pax_headers=headers)
    refused(make_sdist(tmp_path, pax), "a sparse member")


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_accepts_long_and_non_ascii_names(tmp_path: Path, form: int) -> None:
    names = [f"vllm/{'deep/' * 40}config.json", "vllm/E=1,N=2.json", "vllm/gr\u00fc\u00df.py"]
    path = make_sdist(tmp_path, *(entry(f"{ROOT}/{name}") for name in names), form=form)
    tree = SdistTree(path)
    assert sorted(tree) == sorted(["vllm/__init__.py", *names])


def test_reads_names_as_utf_8_whatever_the_locale(tmp_path: Path) -> None:
    name = "vllm/gr\u00fcn.py"
    path = make_sdist(tmp_path, entry(f"{ROOT}/{name}"), form=tarfile.GNU_FORMAT)
    program = (
        "import sys; from pathlib import Path; from build_hooks.artifact.sdist import SdistTree; "
        "print(ascii(sorted(SdistTree(Path(sys.argv[1])))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, path],
        env=environment(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ascii(["vllm/__init__.py", name])
