"""The bill of materials of a patched sdist: what it came from, and every patch in its pedigree.

CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/: upstream's file is the ancestor, each applied
patch one of `pedigree.patches`. Nothing in it is of the time or the machine of the build.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from cyclonedx.model import HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import (
    Component,
    ComponentType,
    Diff,
    Patch,
    PatchClassification,
    Pedigree,
)
from cyclonedx.model.issue import IssueClassification, IssueType
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import canonicalize_name

from build_hooks import __version__
from transforms.engine.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import transforms.engine.patch as declared
    from build_hooks.manifest import Origin
    from build_hooks.plugins.opened import OpenedPlugin
    from transforms.engine.apply import EditedFile
    from transforms.engine.outcome import Outcome

# Serial numbers of one build are equal, and those of two are not (RFC 4122, version 5).
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:vllm-wheelwright")
_LAST_TIME = 253402300799  # the end of the year 9999


def make_sbom(  # noqa: PLR0913, PLR0917 - each is one part of the document
    origin: Origin,
    patches: Mapping[str, declared.Patch],
    outcomes: Iterable[Outcome],
    files: Iterable[EditedFile],
    digest: str,
    plugin: OpenedPlugin | None = None,
) -> bytes:
    """Make the SBOM of a patched sdist.

    Args:
        origin: what it is built from.
        patches: all patches by full name.
        outcomes: what became of each.
        files: the files as they are shipped.
        digest: the digest of the patch set.
        plugin: the plugin whose code is among the patches; None where there is none.
    """
    ancestors = [_ancestor(origin.distribution, origin.release, origin.artifact, origin.sha256)]
    if plugin is not None:
        ancestors.append(_ancestor(plugin.name, plugin.version, plugin.filename, plugin.sha256))
    applied = [outcome.patch for outcome in outcomes if outcome.status is Status.APPLIED]
    subject = Component(
        name=origin.distribution,
        version=origin.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(_purl(origin.distribution, origin.version)),
        purl=_purl(origin.distribution, origin.version),
        pedigree=Pedigree(
            ancestors=ancestors,
            patches=[_patch(name, patches[name]) for name in applied],
        ),
        components=map(_file, files),
        properties=[Property(name="vllm-wheelwright:digest", value=digest)],
    )
    tool = Component(
        name="vllm-wheelwright",
        version=__version__,
        type=ComponentType.APPLICATION,
        bom_ref=f"vllm-wheelwright@{__version__}",
    )
    said = f"{origin.distribution} {origin.version} {origin.artifact} {origin.sha256} {digest}"
    bom = Bom(
        serial_number=uuid.uuid5(_NAMESPACE, said),
        metadata=BomMetaData(
            timestamp=datetime.fromtimestamp(min(origin.timestamp, _LAST_TIME), timezone.utc),
            component=subject,
            tools=ToolRepository(components=[tool]),
        ),
    )
    return f"{JsonV1Dot6(bom).output_as_string(indent=1)}\n".encode()


def _purl(distribution: str, version: str | None, **qualifiers: str) -> PackageURL:
    name = canonicalize_name(distribution)
    return PackageURL(type="pypi", name=name, version=version, qualifiers=qualifiers or None)


def _ancestor(distribution: str, version: str | None, file: str, sha256: str | None) -> Component:
    """Describe a file that others have made; a folder has no digest."""
    purl = _purl(distribution, version, file_name=file)
    return Component(
        name=distribution,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256)] if sha256 else None,
    )


def _patch(name: str, patch: declared.Patch) -> Patch:
    """Say what a patch is for, and refer to its diff, which lies beside the SBOM."""
    reason = IssueType(type=IssueClassification.DEFECT, name=name, description=patch.why)
    return Patch(
        type=PatchClassification.UNOFFICIAL,
        diff=Diff(url=XsUri(f"{name}.diff")),
        resolves=[reason],
    )


def _file(file: EditedFile) -> Component:
    """Name a file that is not upstream's, with what it hashes to."""
    content = hashlib.sha256(file.after).hexdigest()
    return Component(
        name=file.path,
        type=ComponentType.FILE,
        bom_ref=file.path,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content)],
    )
