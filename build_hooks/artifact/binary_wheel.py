"""A binary wheel that can be patched: what is not changed is taken over without reading it.

That needs more than a wheel that can be read. Members are copied as they lie in the archive, so
their place and headers must be right (`build_hooks.artifact.layout`), and their rows of RECORD are
copied too, so RECORD must name every file once, with a hash and the size that the directory has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from build_hooks.artifact.layout import Member, check_layout
from build_hooks.errors import ArtifactError, IntegrityError
from build_hooks.record import SIGNATURES, Row, read_rows, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from build_hooks.artifact.wheel import WheelTree

_SUFFIX = ".dist-info"


def dist_info_of(wheel: WheelTree) -> str:
    """Give the name of a wheel's `.dist-info` folder.

    Raises:
        ArtifactError: it has none, or several.
    """
    tops = {name.partition("/")[0] for name in wheel if "/" in name}
    found = sorted(top for top in tops if top.endswith(_SUFFIX))
    if len(found) != 1:
        raise ArtifactError(f"{wheel.name} has {len(found)} .dist-info folders, expected one")
    return found[0]


class BinaryWheel:
    """The members of a wheel; each is decompressed, and held against RECORD, when it is read.

    Args:
        tree: the wheel, whose names and methods were checked.

    Attributes:
        name: the wheel's file name.
        newest: when its newest member was changed, in seconds since 1970 UTC.
        file: the open archive.
        tag: build number and compatibility tags as the file name has them.
        dist_info: the name of the `.dist-info` folder.
        members: all files by name, in the order in which they lie in the archive.
        rows: what RECORD says of each of them but its own signatures.

    Raises:
        ArtifactError: members don't lie as they must, RECORD is malformed or names other files, or
            the file's name is not that of its content.
        IntegrityError: RECORD has another size for a file than the archive.
    """

    kind = "wheel"

    def __init__(self, tree: WheelTree) -> None:
        self._tree = tree
        self.name = tree.name
        self.newest = tree.newest
        self.file: BinaryIO = tree.file
        self.dist_info = dist_info_of(tree)
        self.tag = self._checked_tag()
        layout = check_layout(tree.file, tree.infos, tree.comment, tree.name)
        # Entries for folders hold nothing, and no installer needs them.
        self.members: Mapping[str, Member] = {
            name: member for name, member in layout.items() if not member.info.is_dir()
        }
        self.rows: Mapping[str, Row] = self._checked_rows()
        self._verified: set[str] = set()

    @property
    def stem(self) -> str:
        """Name and version as the wheel's own folders have them."""
        return self.dist_info.removesuffix(_SUFFIX)

    def _checked_tag(self) -> str:
        try:
            name, version, _, _ = parse_wheel_filename(self.name)
        except (InvalidWheelFilename, InvalidVersion) as error:
            raise ArtifactError(
                f"{self.name} does not have the name of a wheel: {error}",
                next_step="give it back the name that the index has for it",
            ) from error
        folder = self.stem.rpartition("-")
        try:
            agrees = canonicalize_name(folder[0]) == name and Version(folder[2]) == version
        except InvalidVersion:
            agrees = False
        if not agrees:
            raise ArtifactError(
                f"{self.name} holds {self.dist_info}: that is another name or version",
                next_step="give it back the name that the index has for it",
            )
        return self.name.removesuffix(".whl").split("-", 2)[2]

    def _checked_rows(self) -> dict[str, Row]:
        path = f"{self.dist_info}/RECORD"
        if path not in self.members:
            raise unusable(self.name, "there is none")
        rows = read_rows(self._tree.read(path), path, self.name)
        signatures = {f"{self.dist_info}/{name}" for name in SIGNATURES}
        for name in sorted(self.members.keys() - rows.keys() - signatures):
            raise unusable(self.name, f"it does not name {name!r}")
        for name, row in rows.items():
            if name not in self.members:
                raise unusable(self.name, f"it names {name!r}, which the wheel does not hold")
            size = self.members[name].info.file_size
            if row.size not in {None, size}:
                raise IntegrityError(
                    f"{self.name}: RECORD has {row.size} bytes for {name!r}, which has {size}",
                    next_step="fetch the wheel again",
                )
        return rows

    def __contains__(self, path: object) -> bool:
        """Tell whether the wheel holds a file."""
        return path in self.members

    def __iter__(self) -> Iterator[str]:
        """Give the names of all files."""
        return iter(self.members)

    def read(self, path: str) -> bytes:
        """Give one file's bytes.

        Raises:
            ArtifactError: the member cannot be decompressed, or its checksum is wrong.
            IntegrityError: it is not what RECORD names.
        """
        data = self._tree.read(path)
        if path not in self._verified:
            row = self.rows.get(path)
            if row and row.digest and not row.holds_for(data):
                raise IntegrityError(
                    f"{self.name}: {path!r} does not have the hash that RECORD has for it",
                    next_step="fetch the wheel again",
                )
            self._verified.add(path)
        return data

    def is_executable(self, path: str) -> bool:
        """Tell whether the owner may execute the file."""
        return self._tree.is_executable(path)
