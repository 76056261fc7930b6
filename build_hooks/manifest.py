"""What a wheel or an sdist says of itself: the manifest and one diff for each patch.

The manifest is a contract: `vllm/wheelwright.py` in it, `show` and `verify` read it, and so do
scripts of those who install it. Its fields are described in docs/manifest.md.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cyclonedx
import deflate

from build_hooks import __version__
from build_hooks.shipping import PACKAGE
from build_hooks.zipwriter import LEVEL
from transforms.engine.apply import NOTICE, splice
from transforms.engine.diff import unified_diff

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from transforms.engine.apply import EditedFile
    from transforms.engine.outcome import Outcome
    from transforms.engine.patch import Patch
    from transforms.engine.site import Site

SCHEMA = 1
FOLDER = "wheelwright"
MANIFEST = f"{FOLDER}/manifest.json"
SBOM = f"{FOLDER}/sbom.cdx.json"
"""An sdist's bill of materials."""
WHEEL_SBOM = "sboms/vllm-wheelwright.cdx.json"
"""A wheel's, in the folder of `.dist-info` that PEP 770 has for them."""
TO_DIFFS = {SBOM: "", WHEEL_SBOM: f"../{FOLDER}/"}
"""Where the diffs are, seen from each of the two."""
SBOM_LIBRARY = f"cyclonedx-python-lib {cyclonedx.__version__}"
IN_PACKAGE = f"{PACKAGE}wheelwright.json"
"""The manifest's copy in an sdist's package: upstream's own build hands it on to the wheel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a wheel was built from.

    Attributes:
        distribution: the distribution's name.
        release: upstream's version.
        version: the version with the label.
        artifact: the upstream file's name.
        kind: ``sdist``, ``wheel`` or ``folder``.
        sha256: the upstream file's digest; None for a folder.
        size: the upstream file's size in bytes; None for a folder.
        timestamp: the time of the wheel's members, in seconds since 1970 UTC.
    """

    distribution: str
    release: str
    version: str
    artifact: str
    kind: str
    sha256: str | None
    size: int | None
    timestamp: int


def make_manifest(  # noqa: PLR0913 - each is one part of the manifest
    *,
    origin: Origin,
    output: str,
    platforms: Iterable[str],
    only: Iterable[str],
    skip: Iterable[str],
    patches: Mapping[str, Patch],
    outcomes: Iterable[Outcome],
    files: Sequence[EditedFile],
    digest: str,
    plugin: Mapping[str, object] | None = None,
    switches: bool = False,
) -> bytes:
    """Make the manifest of a wheel or an sdist.

    Args:
        origin: what it is built from.
        output: what it is: ``wheel`` or ``sdist``.
        platforms: the platforms' names.
        only: the patches that alone were asked for.
        skip: the patches that were left out.
        patches: all patches by full name.
        outcomes: what became of each.
        files: the files as they are shipped.
        digest: the digest of the patch set.
        plugin: what is said of the plugin that was compiled in; None where there is none.
        switches: whether patches can be switched off where it is imported.
    """
    by_path = {file.path: file for file in files}
    document = {
        "schema": SCHEMA,
        "builder": {"name": "vllm-wheelwright", "version": __version__},
        "compression": {"library": f"deflate {deflate.__version__}", "level": LEVEL},
        "sbom": {"library": SBOM_LIBRARY},
        "distribution": origin.distribution,
        "release": origin.release,
        "version": origin.version,
        "output": output,
        "artifact": {
            "filename": origin.artifact,
            "kind": origin.kind,
            "sha256": origin.sha256,
            "size": origin.size,
        },
        "timestamp": origin.timestamp,
        "platforms": sorted(platforms),
        "only": sorted(only),
        "skip": sorted(skip),
        **({} if plugin is None else {"plugin": plugin}),
        **({"switches": True} if switches else {}),
        "digest": digest,
        "patches": [_patch(patches[item.patch], item, by_path) for item in outcomes],
        "files": [
            {
                "path": file.path,
                "sha256_before": _sha256(file.before),
                "sha256_after": _sha256(file.after),
            }
            for file in files
        ],
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _patch(patch: Patch, outcome: Outcome, files: Mapping[str, EditedFile]) -> dict[str, object]:
    sites: defaultdict[str, list[Site]] = defaultdict(list)
    for site in outcome.sites:
        sites[site.path].append(site)
    return {
        "name": outcome.patch,
        "outcome": outcome.status.value,
        "why": patch.why,
        "upstream": patch.upstream,
        "drop_when": patch.drop_when,
        "versions": patch.versions,
        **({"reason": outcome.reason} if outcome.reason else {}),
        "files": [
            {
                "path": path,
                "sites": [
                    {"line": site.line, "start": site.start, "end": site.end} for site in there
                ],
                "sha256_before": _sha256(files[path].before),
                "sha256_after": _sha256(files[path].after),
            }
            for path, there in sorted(sites.items())
        ],
    }


def _sha256(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()


def make_diffs(outcomes: Iterable[Outcome], files: Iterable[EditedFile]) -> dict[str, bytes]:
    """Show what each patch does to upstream's files, as a series.

    Returns:
        For each applied patch its unified diff, under the patch's full name, and last that of the
        notices that changed files carry. Applied in this order, they give the wheel's files.
    """
    names = [*(outcome.patch for outcome in outcomes), NOTICE]
    diffs: dict[str, bytes] = dict.fromkeys(names, b"")
    for file in files:
        present = {name for name, _ in file.sites}
        done: set[str] = set()
        for name in filter(present.__contains__, names):
            diffs[name] += _step(file, name, done)
            done.add(name)
    return {name: diff for name, diff in diffs.items() if diff}


def _step(file: EditedFile, name: str, done: set[str]) -> bytes:
    """Show what one patch does to a file that others have changed before it."""
    earlier: list[Site] = []
    moved: list[Site] = []
    shift = 0
    for other, site in file.sites:
        if other in done:
            earlier.append(site)
            shift += len(site.replacement) - (site.end - site.start)
        elif other == name:
            moved.append(replace(site, start=site.start + shift, end=site.end + shift))
    before = None if file.before is None else splice(file.before, earlier)
    return unified_diff(file.path, before, moved)
