"""Read the manifest and the diffs of a wheel, an sdist or an installation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from build_hooks.errors import IntegrityError
from build_hooks.inspection import described_in, open_output, read_manifest
from build_hooks.installed import installed_script, output_of
from build_hooks.manifest import FOLDER
from build_hooks.verification.description import diffs_of, sbom_of
from transforms.engine.apply import NOTICE

if TYPE_CHECKING:
    from collections.abc import Mapping

# Where an installation describes itself; a manifest in the package has no diffs beside it.
_WHERE = """
import json, runpy, sys
try:
    told = runpy.run_path(sys.argv[1])
    beside = told["BESIDE"]
    place = beside if beside.is_file() else told["dist_info"]()
    print(json.dumps([told["manifest"](), str(place)]))
except Exception as error:
    sys.exit(str(error))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What something carries.

    Attributes:
        name: the file's name, or the interpreter of the installation.
        manifest: the manifest.
        diffs: the diffs by the full names of their patches; empty where it holds none.
        folder: where the diffs are; empty where it holds none.
        sbom: where the SBOM is; empty where it holds none.
    """

    name: str
    manifest: Mapping[str, Any]
    diffs: Mapping[str, bytes]
    folder: str
    sbom: str


def carried_by(path: Path) -> Carried:
    """Read a wheel or an sdist.

    Args:
        path: the file.

    Raises:
        ArtifactError: the archive is not usable.
        IntegrityError: it has no manifest.
    """
    tree = open_output(path)
    manifest = read_manifest(tree)
    folder = described_in(tree)
    sbom = f"{folder}{sbom_of(tree)}"
    return Carried(
        name=path.name,
        manifest=manifest,
        diffs=diffs_of(tree, manifest),
        folder=f"{folder}{FOLDER}/",
        sbom=sbom if sbom in tree else "",
    )


def carried_by_installation(python: str) -> Carried:
    """Read an installation of another interpreter, without importing vLLM.

    Args:
        python: the interpreter.

    Raises:
        IntegrityError: its vLLM does not describe itself.
        UsageError: the interpreter cannot be run, or has no vLLM.
    """
    script = installed_script(python)
    try:
        manifest, place = json.loads(output_of([python, "-c", _WHERE, str(script)]))
    except (TypeError, ValueError) as error:
        raise IntegrityError(f"{script} does not describe the installation: {error}") from error
    folder = Path(place) / FOLDER
    applied = [item["name"] for item in manifest["patches"] if item["outcome"] == "applied"]
    paths = {name: folder / f"{name}.diff" for name in (*applied, NOTICE)}
    diffs = {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
    sbom = Path(place) / "sboms" / "vllm-wheelwright.cdx.json"
    return Carried(
        name=python,
        manifest=manifest,
        diffs=diffs,
        folder=f"{folder}/" if diffs else "",
        sbom=str(sbom) if sbom.is_file() else "",
    )
