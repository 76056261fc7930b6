"""Write a patched sdist: upstream's own tree, with what patches change and what describes it.

The format is that of the source distributions of the Python packaging specifications (PEP 625):
`<name>-<version>.tar.gz` with one top folder of that name, and `PKG-INFO` in it. Upstream's own
build, setuptools, compiles it; without version control it takes the package's data files from
`SOURCES.txt`, which therefore names what is added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from build_hooks.artifact.sdist import SdistTree
from build_hooks.errors import ArtifactError
from build_hooks.output import replacing
from build_hooks.tarwriter import TarWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from build_hooks.artifact import Artifact
    from build_hooks.metadata import CoreMetadata

PKG_INFO = "PKG-INFO"
_FILE, _EXECUTABLE, _FOLDER = 0o644, 0o755, 0o755


def write_sdist(  # noqa: PLR0913 - each is one part of the sdist
    target: Path,
    *,
    artifact: Artifact,
    metadata: CoreMetadata,
    changed: Mapping[str, bytes],
    extra: Mapping[str, bytes],
    timestamp: int,
) -> None:
    """Write an sdist that is another one but for some files.

    Bytes and permissions of all others are upstream's, and so are symbolic links, unless what one
    leads to is changed: it is then a file of its own, as patches saw it.

    Args:
        target: the new sdist's path.
        artifact: the pristine tree.
        metadata: the new sdist's metadata.
        changed: the files that differ from the tree, or are added to it.
        extra: what describes the sdist, by path in the tree.
        timestamp: the time of all members, in seconds since 1970 UTC.

    Raises:
        ArtifactError: upstream has a file where one of `extra` goes.
        OutputError: the sdist cannot be written; nothing is left.
    """
    for path in sorted(extra):
        if path in artifact:
            raise ArtifactError(f"{artifact.name} has a file {path} of its own")
    added = {path for path in {*changed, *extra} if path not in artifact}
    own = rewritten(artifact, metadata.distribution, metadata.version, added)
    written = {**changed, **extra, **own}
    archive = TarWriter(timestamp)
    for name in _folders(artifact, written):
        archive.folder(f"{metadata.stem}/{name}".rstrip("/"), _folder_mode(artifact, name))
    links = _links(artifact, written)
    for path in sorted({*artifact, *written}):
        name = f"{metadata.stem}/{path}"
        if path in links:
            archive.link(name, links[path])
        else:
            data = written[path] if path in written else artifact.read(path)
            archive.file(name, data, _mode(artifact, path))
    with replacing(target) as file:
        file.write(archive.compressed())


def rewritten(
    artifact: Artifact, distribution: str, version: str, added: Iterable[str]
) -> dict[str, bytes]:
    """Give the metadata of a patched sdist that differ from upstream's.

    Args:
        artifact: the pristine tree.
        distribution: the distribution's name.
        version: the version with the label.
        added: the files that it has and upstream's has not.

    Returns:
        `PKG-INFO`, and in setuptools' folder its copy and the list of all files, where those are.
    """
    folder = f"{distribution.replace('-', '_')}.egg-info"
    files = {
        path: labelled(artifact.read(path), version)
        for path in (PKG_INFO, f"{folder}/{PKG_INFO}")
        if path in artifact
    }
    listed = f"{folder}/SOURCES.txt"
    if listed in artifact:
        files[listed] = _with_sources(artifact.read(listed), added)
    return files


def labelled(pkg_info: bytes, version: str) -> bytes:
    """Put a version into PKG-INFO; all else stays as it is, line ends included."""
    header, blank, body = _divided(pkg_info)
    lines = [
        b"Version: " + version.encode() + line[len(line.rstrip()) :]
        if line.startswith(b"Version:")
        else line
        for line in header.splitlines(keepends=True)
    ]
    return b"".join([*lines, blank, body])


def _divided(pkg_info: bytes) -> tuple[bytes, bytes, bytes]:
    blank = b"\r\n\r\n" if b"\r\n" in pkg_info.partition(b"\n\n")[0] else b"\n\n"
    return pkg_info.partition(blank)


def _with_sources(data: bytes, added: Iterable[str]) -> bytes:
    """Add files to SOURCES.txt, in the order that setuptools writes: by folder, then by name."""
    # What setuptools writes has no line end behind the last name.
    names = data.decode("utf-8").splitlines()
    names = sorted({*names, *added}, key=lambda name: name.rpartition("/")[::2])
    return "\n".join(names).encode() + (b"\n" if data.endswith(b"\n") else b"")


def _folders(artifact: Artifact, written: Iterable[str]) -> list[str]:
    """Give every folder that holds something, and upstream's empty ones; "" is the top folder."""
    found = {""}
    own = artifact.folders if isinstance(artifact, SdistTree) else ()
    for folder in {*own, *(path.rpartition("/")[0] for path in (*artifact, *written))}:
        missing = folder
        while missing not in found:
            found.add(missing)
            missing = missing.rpartition("/")[0]
    return sorted(found)


def _folder_mode(artifact: Artifact, name: str) -> int:
    return artifact.folders.get(name, _FOLDER) if isinstance(artifact, SdistTree) else _FOLDER


def _mode(artifact: Artifact, path: str) -> int:
    if path not in artifact:
        return _FILE
    if isinstance(artifact, SdistTree):
        return artifact.modes[path]
    # A folder's permissions are those of the machine that it lies on.
    return _EXECUTABLE if artifact.is_executable(path) else _FILE


def _links(artifact: Artifact, written: Mapping[str, bytes]) -> dict[str, str]:
    """Give the symbolic links that lead to what is not changed, and where the archive has them."""
    if not isinstance(artifact, SdistTree):
        return {}
    return {
        path: target
        for path, target in artifact.symlinks.items()
        if path not in written and artifact.resolved(path) not in written
    }
