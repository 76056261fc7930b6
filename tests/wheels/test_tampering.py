"""One byte of a real wheel is flipped, a hundred times: `verify` finds each, and names its file.

For each kind of file some bytes are flipped twice: as somebody does it who knows nothing of RECORD,
and with a RECORD that was mended, so that only the comparison with the manifest, the diffs and
upstream's own file is left. The zip's own checksums are right in both.
"""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from build_hooks.artifact import open_artifact
from build_hooks.errors import WheelwrightError
from build_hooks.verification.wheel import verify_wheel
from tests.build_hooks.tampered import contents, tampered
from tests.wheels.real import artifact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from build_hooks.artifact import Artifact

pytestmark = pytest.mark.wheels

# The release with the fewest files that every kind of patch of musa applies to.
RELEASE = "0.9.2"
INFO = f"vllm-{RELEASE}+musa.dist-info"
PATCHED = "vllm/v1/worker/gpu_worker.py"
SEED, FLIPS = 20261122, 100


class Kind(NamedTuple):
    """A kind of file, and which of its bytes may be flipped."""

    name: str
    path: str
    spans: tuple[tuple[int, int], ...] = ()


def kinds(files: Mapping[str, bytes]) -> list[Kind]:
    """Give the kinds of files of a wheel; of a patched one, bytes inside and outside of sites."""
    data = files[PATCHED]
    written = data.index(b"musa")
    diff = next(path for path in sorted(files) if path.endswith("/worker_device_type.diff"))
    return [
        Kind("a patched file inside of a site", PATCHED, ((written, written + 4),)),
        Kind("a patched file outside of sites", PATCHED, ((0, 40), (len(data) - 400, len(data)))),
        Kind("a file of upstream's", "vllm/sampling_params.py"),
        Kind("data of upstream's", next(path for path in sorted(files) if path.endswith(".json"))),
        Kind("an added file", "vllm/wheelwright.py"),
        Kind("METADATA", f"{INFO}/METADATA"),
        Kind("WHEEL", f"{INFO}/WHEEL"),
        Kind("entry points", f"{INFO}/entry_points.txt"),
        Kind("a licence", f"{INFO}/licenses/LICENSE"),
        Kind("RECORD", f"{INFO}/RECORD"),
        Kind("the manifest", f"{INFO}/wheelwright/manifest.json"),
        Kind("a diff", diff),
        Kind("the SBOM", f"{INFO}/sboms/vllm-wheelwright.cdx.json"),
    ]


@pytest.fixture(scope="module")
def upstream() -> Artifact:
    return open_artifact(artifact(RELEASE))


def flips(files: Mapping[str, bytes]) -> Iterator[tuple[Kind, int, int, bool]]:
    """Choose bytes of all kinds in turn: kind, place, bit, and whether RECORD is mended."""
    chosen = random.Random(SEED)  # noqa: S311 - not a secret
    found = kinds(files)
    for number in range(FLIPS):
        kind = found[number % len(found)]
        start, end = chosen.choice(kind.spans or ((0, len(files[kind.path])),))
        mended = number // len(found) % 2 == 1 and kind.name != "RECORD"
        yield kind, chosen.randrange(start, end), 1 << chosen.randrange(8), mended


def named(path: Path, upstream: Artifact) -> set[str]:
    """Give what `verify` says is wrong with a wheel: the files, or the text of its refusal."""
    try:
        _, problems, _ = verify_wheel(path, lambda _: upstream)
    except WheelwrightError as error:
        return {str(error)}
    return {problem.path for problem in problems}


def test_every_flipped_byte_is_found_and_its_file_named(
    musa_wheel: Callable[[str], Path], upstream: Artifact, tmp_path: Path
) -> None:
    wheel = musa_wheel(RELEASE)
    assert named(wheel, upstream) == set()
    files = contents(wheel)
    missed = []
    for kind, place, bit, mended in flips(files):
        data = bytearray(files[kind.path])
        data[place] ^= bit
        other = tampered(wheel, tmp_path / wheel.name, {kind.path: bytes(data)}, record=mended)
        found = named(other, upstream)
        # A row of RECORD that was damaged is said of the file that it was of.
        good = bool(found) if kind.name == "RECORD" else any(kind.path in text for text in found)
        # With a mended RECORD, the manifest and the SBOM are held against each other.
        if kind.name == "the manifest":
            good = good or f"{INFO}/sboms/vllm-wheelwright.cdx.json" in found
        if not good:
            missed.append((kind.name, place, bit, mended, sorted(found)))
    sys.stdout.write(f"{FLIPS} flips, {len(missed)} missed\n")
    assert missed == []
