"""The bill of materials of a patched wheel or sdist: what it came from, and every patch in it.

CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/: upstream's file is the ancestor, each applied
patch one of `pedigree.patches`, with its reason and its diff. All of it follows from the manifest,
the diffs and the licence, so `verify` can make it again. A wheel has it where PEP 770 puts it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from cyclonedx.model import AttachedText, Encoding, HashAlgorithm, HashType, Property, XsUri
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
from cyclonedx.model.license import DisjunctiveLicense, LicenseAcknowledgement, LicenseExpression
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import canonicalize_name

from transforms.engine.apply import NOTICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cyclonedx.model.license import License

# Serial numbers of one build are equal, and those of two are not (RFC 4122, version 5).
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:vllm-wheelwright")
_LAST_TIME = 253402300799  # the end of the year 9999
_NOTICE = "every changed file says that it was changed (Apache-2.0, section 4(b))"
_DECLARED = LicenseAcknowledgement.DECLARED


def make_sbom(manifest: bytes, diffs: Mapping[str, bytes], metadata: str, folder: str) -> bytes:
    """Make the SBOM of a patched wheel or sdist.

    Args:
        manifest: its manifest.
        diffs: its diffs by the full names of their patches.
        metadata: its METADATA or PKG-INFO, for the licence that upstream declares.
        folder: where the diffs are, seen from the SBOM; empty, or with a slash at its end.
    """
    said: Mapping[str, Any] = json.loads(manifest)
    name, version, origin = said["distribution"], said["version"], said["artifact"]
    licences = list(_licences(metadata))
    ancestors = [_ancestor(name, said["release"], origin, licences)]
    if "plugin" in said:
        plugin = said["plugin"]
        ancestors.append(_ancestor(plugin["name"], plugin["version"], plugin))
    digests = {"digest": said["digest"], "manifest": hashlib.sha256(manifest).hexdigest()}
    subject = Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=str(_purl(name, version)),
        purl=_purl(name, version),
        licenses=licences,
        pedigree=Pedigree(ancestors=ancestors, patches=_patches(said["patches"], diffs, folder)),
        components=map(_file, said["files"]),
        properties=[
            Property(name=f"vllm-wheelwright:{key}", value=value) for key, value in digests.items()
        ],
    )
    builder = said["builder"]
    tool = Component(
        name=builder["name"],
        version=builder["version"],
        type=ComponentType.APPLICATION,
        bom_ref=f"{builder['name']}@{builder['version']}",
    )
    bom = Bom(
        serial_number=uuid.uuid5(_NAMESPACE, digests["manifest"]),
        metadata=BomMetaData(
            timestamp=datetime.fromtimestamp(min(said["timestamp"], _LAST_TIME), timezone.utc),
            component=subject,
            tools=ToolRepository(components=[tool]),
        ),
    )
    return f"{JsonV1Dot6(bom).output_as_string(indent=1)}\n".encode()


def _licences(metadata: str) -> Iterator[License]:
    """Give the licence that METADATA declares: an expression (PEP 639), or an older name."""
    header = metadata.partition("\n\n")[0].split("\n")
    fields = {key: value.strip() for key, _, value in (line.partition(":") for line in header)}
    if fields.get("License-Expression"):
        yield LicenseExpression(fields["License-Expression"], acknowledgement=_DECLARED)
    elif fields.get("License"):
        yield DisjunctiveLicense(name=fields["License"], acknowledgement=_DECLARED)


def _purl(distribution: str, version: str | None, **qualifiers: str) -> PackageURL:
    name = canonicalize_name(distribution)
    return PackageURL(type="pypi", name=name, version=version, qualifiers=qualifiers or None)


def _ancestor(
    name: str, version: str | None, file: Mapping[str, Any], licences: Iterable[License] = ()
) -> Component:
    """Describe a file that others have made; a folder has no digest."""
    purl, sha256 = _purl(name, version, file_name=file["filename"]), file["sha256"]
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256)] if sha256 else None,
        licenses=licences,
    )


def _patches(
    patches: Iterable[Mapping[str, Any]], diffs: Mapping[str, bytes], folder: str
) -> Iterator[Patch]:
    """Say of each applied patch what it is for and what it changes, and last of the notices."""
    reasons = {item["name"]: item["why"] for item in patches if item["outcome"] == "applied"}
    if NOTICE in diffs:
        reasons[NOTICE] = _NOTICE
    for name, why in reasons.items():
        reason = IssueType(type=IssueClassification.DEFECT, name=name, description=why)
        text = _attached(diffs[name]) if name in diffs else None
        yield Patch(
            type=PatchClassification.UNOFFICIAL,
            diff=Diff(text=text, url=XsUri(f"{folder}{name}.diff")),
            resolves=[reason],
        )


def _attached(diff: bytes) -> AttachedText:
    """Put a diff into the document: who gets an SBOM seldom has the wheel beside it."""
    try:
        return AttachedText(content=diff.decode("utf-8"), content_type="text/x-diff")
    except UnicodeDecodeError:
        content = base64.b64encode(diff).decode()
        return AttachedText(content=content, content_type="text/x-diff", encoding=Encoding.BASE_64)


def _file(file: Mapping[str, Any]) -> Component:
    """Name a file that is not upstream's, with what it hashes to."""
    return Component(
        name=file["path"],
        type=ComponentType.FILE,
        bom_ref=file["path"],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=file["sha256_after"])],
    )
