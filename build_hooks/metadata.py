"""The metadata of a patched wheel: upstream's own, with a label and other requirements.

A wheel without compiled extensions requires what upstream's own `VLLM_TARGET_DEVICE=empty` build
requires: `requirements/common.txt` of the release, read as upstream's `setup.py` reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from build_hooks.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from transforms.engine.syntax.source import Tree

_REQUIREMENTS = "requirements/common.txt"
PURE_TAG = "py3-none-any"
_OF_EXTRA = re.compile(r";.*\bextra\s*==")
# More minor releases than Python 3 will have, and more micro releases than any of them.
_PYTHONS, _LAST_MICRO = 100, 999
# As pip reads requirements files.
_COMMENT = re.compile(r"(^|\s+)#.*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreMetadata:
    """What goes into a wheel's `.dist-info`, and its name.

    Attributes:
        distribution: the distribution's name, as upstream's metadata spells it.
        release: upstream's version, without a label of ours.
        version: the version with the label.
        tag: the wheel's compatibility tag.
        text: the METADATA file.
        requires_python: the release's own bound.
    """

    distribution: str
    release: str
    version: str
    tag: str
    text: str
    requires_python: str

    @property
    def stem(self) -> str:
        """Name and version as file names have them (binary distribution format)."""
        return f"{canonicalize_name(self.distribution).replace('-', '_')}-{self.version}"

    @property
    def wheel_name(self) -> str:
        """The wheel's file name."""
        return f"{self.stem}-{self.tag}.whl"

    @property
    def sdist_name(self) -> str:
        """The sdist's file name (PEP 625)."""
        return f"{self.stem}.tar.gz"

    @property
    def dist_info(self) -> str:
        """The folder of the metadata inside the wheel."""
        return f"{self.stem}.dist-info"


def label_version(release: str, labels: Iterable[str]) -> str:
    """Add local version labels; one that upstream already carries stays in front (PEP 440).

    A platform is one segment: PEP 440 reads a hyphen as a dot, and `ucm,ucm-sparse` would become
    `ucm.ucm.sparse`, which could be three platforms. So hyphens are left out.

    Args:
        release: upstream's version, e.g. ``0.33.0`` or ``0.33.0+cu129``.
        labels: the names of the platforms; written in alphabetical order.
    """
    version = Version(release)
    segments = [label.replace("-", "").replace("_", "") for label in sorted(labels)]
    parts = [part for part in [version.local or "", *segments] if part]
    return str(Version(f"{version.public}+{'.'.join(parts)}"))


def core_metadata(tree: Tree, labels: Iterable[str], archive: str) -> CoreMetadata:
    """Make the metadata of a wheel without compiled extensions from an sdist's tree.

    Args:
        tree: the sdist.
        labels: the names of the platforms.
        archive: the sdist's name, for messages.

    Raises:
        ArtifactError: PKG-INFO or the requirements are missing or malformed.
    """
    header, body = _pkg_info(tree, archive)
    release = _field(header, "Version", archive)
    distribution = _field(header, "Name", archive)
    try:
        version = label_version(release, labels)
        # Both become part of file names.
        canonicalize_name(distribution, validate=True)
    except (InvalidVersion, InvalidName) as error:
        raise ArtifactError(f"{archive}: PKG-INFO: {error}") from error
    requirements = [f"Requires-Dist: {item}" for item in requirements_of(tree, archive)]
    lines = _with_requirements(header, requirements)
    text = "\n".join(
        f"Version: {version}" if line.startswith("Version:") else line for line in lines
    )
    return CoreMetadata(
        distribution=distribution,
        release=release,
        version=version,
        tag=PURE_TAG,
        text=f"{text}\n\n{body}",
        requires_python=_field(header, "Requires-Python", archive),
    )


def _pkg_info(tree: Tree, archive: str) -> tuple[list[str], str]:
    if "PKG-INFO" not in tree:
        raise ArtifactError(
            f"{archive} has no PKG-INFO, so it is no sdist",
            next_step="give an sdist, or a folder that one was unpacked to",
        )
    header, _, body = _text(tree, "PKG-INFO", archive).partition("\n\n")
    return header.rstrip("\n").split("\n"), body


def _text(tree: Tree, path: str, archive: str) -> str:
    try:
        return tree.read(path).decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ArtifactError(f"{archive}: {path} is not UTF-8: {error.reason}") from error


def _field(header: list[str], name: str, archive: str) -> str:
    for line in header:
        if line.startswith(f"{name}:"):
            return line.partition(":")[2].strip()
    raise ArtifactError(f"{archive}: PKG-INFO has no {name!r}")


def _with_requirements(header: list[str], requirements: list[str]) -> list[str]:
    """Put requirements in the place of upstream's; those that belong to an extra stay."""
    kept: list[str] = []
    place: int | None = None
    for line in header:
        if line.startswith("Requires-Dist:") and not _OF_EXTRA.search(line):
            place = len(kept) if place is None else place
        else:
            if place is None and line.startswith(("Provides-Extra:", "Dynamic:")):
                place = len(kept)
            kept.append(line)
    place = len(kept) if place is None else place
    return [*kept[:place], *requirements, *kept[place:]]


def requirements_of(tree: Tree, archive: str) -> list[str]:
    """Read the requirements of a release that is built without a device.

    Raises:
        ArtifactError: a requirements file is missing, or a line of it is no requirement.
    """
    return [str(item) for item in _read_requirements(tree, _REQUIREMENTS, archive, ())]


def _read_requirements(
    tree: Tree, path: str, archive: str, through: tuple[str, ...]
) -> Iterator[Requirement]:
    if path in through:
        raise ArtifactError(f"{archive}: {' includes '.join([*through, path])}")
    if path not in tree:
        raise ArtifactError(f"{archive} has no {path}, which says what the release requires")
    folder = path.rpartition("/")[0]
    for number, raw in enumerate(_text(tree, path, archive).split("\n"), start=1):
        line = _COMMENT.sub("", raw).strip()
        if line.startswith("-r "):
            included = f"{folder}/{line[3:].strip()}"
            yield from _read_requirements(tree, included, archive, (*through, path))
        # As upstream's `get_requirements`: options are for pip, not for the metadata.
        elif line and not line.startswith("--"):
            try:
                yield Requirement(line)
            except InvalidRequirement as error:
                raise ArtifactError(f"{archive}: {path}:{number}: {error}") from error


def oldest_python(requires_python: str) -> tuple[int, int]:
    """Give the oldest Python that a release supports.

    Args:
        requires_python: its Requires-Python, e.g. ``<3.14,>=3.10``.

    Raises:
        ArtifactError: it is no specifier, or admits no Python 3.
    """
    try:
        admitted = SpecifierSet(requires_python)
    except InvalidSpecifier as error:
        raise ArtifactError(f"PKG-INFO: Requires-Python: {error}") from error
    for minor in range(_PYTHONS):
        # `>=3.10.1` and `>3.10` admit a later 3.10 only.
        if any(admitted.contains(f"3.{minor}.{micro}") for micro in (0, 1, _LAST_MICRO)):
            return 3, minor
    raise ArtifactError(f"PKG-INFO: Requires-Python {requires_python!r} admits no Python 3")


def license_files(text: str) -> list[str]:
    """Give the licence files that a METADATA text names (PEP 639)."""
    header = text.partition("\n\n")[0].split("\n")
    return [line.partition(":")[2].strip() for line in header if line.startswith("License-File:")]
