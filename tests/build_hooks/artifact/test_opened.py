"""An artifact is opened by what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from build_hooks.artifact import open_artifact
from build_hooks.errors import ArtifactError, UsageError
from tests.build_hooks.artifact.archives import make_sdist, make_zip
from tests.build_hooks.small_release import write_folder


def test_knows_an_sdist_a_wheel_and_a_folder(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", {"vllm/__init__.py": b"x = 1\n"})
    for path in (make_sdist(tmp_path), make_zip(tmp_path), folder):
        tree = open_artifact(path)
        assert tree.read("vllm/__init__.py") == b"x = 1\n"
        assert tree.kind == {".gz": "sdist", ".whl": "wheel", "": "folder"}[path.suffix]


def test_passes_the_locked_size_on(tmp_path: Path) -> None:
    for path in (make_sdist(tmp_path), make_zip(tmp_path)):
        with pytest.raises(ArtifactError, match="more than the 5 allowed"):
            open_artifact(path, unpacked=5)


@pytest.mark.parametrize("name", ["missing", "missing.tar.gz", "missing.whl"])
def test_a_path_that_does_not_exist_is_wrong_use(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no such file or folder") as caught:
        open_artifact(tmp_path / name)
    assert "`sdist`, `wheel`, or the path" in caught.value.next_step


@pytest.mark.parametrize("name", ["vllm.zip", "vllm.tar.bz2", "vllm.tar", "README"])
def test_another_kind_of_file_is_wrong_use(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(UsageError, match=r"is neither a \.whl, nor a \.tar\.gz, nor a folder"):
        open_artifact(tmp_path / name)


def test_a_file_that_cannot_be_read_is_no_usable_artifact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_sdist(tmp_path)

    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    # Root may read everything, so that permissions alone would not show it.
    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(ArtifactError, match="cannot be read: Permission denied"):
        open_artifact(path)
