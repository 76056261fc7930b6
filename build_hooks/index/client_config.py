"""What clients are configured with, so that this index alone may say what a patched vLLM is.

Where several indexes may answer for one name, the highest version wins, whoever uploaded it:
dependency confusion. uv takes a name from one index (`explicit`, and `[tool.uv.sources]`). pip
asks all its indexes for every name, so there a hash says which bytes are meant, and the file is
installed by itself from this index alone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from build_hooks.errors import UsageError, did_you_mean
from build_hooks.index.entry import in_order
from build_hooks.index.layout import SIMPLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from build_hooks.index.entry import Entry

_PIP = """\
# What is patched comes from one index, by its hash, and nothing else does. Save this as FILE, then:
#   pip install --no-deps --require-hashes -r FILE
#   pip install -c CONSTRAINTS {names}
# The first line asks this index alone. The second adds the rest from where pip always finds it, and
# CONSTRAINTS, a file of the lines {pins}, keeps it from taking another vLLM.
# Never join the two with --extra-index-url: pip then takes the highest version of all indexes.
--index-url {url}
{requirements}
"""

_UV = """\
# Into pyproject.toml. `explicit`: only what [tool.uv.sources] names comes from this index, and it
# comes from nowhere else. uv.lock then holds the hashes.
#   dependencies = [{dependencies}]
[[tool.uv.index]]
name = {name}
url = {url}
explicit = true

[tool.uv.sources]
{sources}

[tool.uv]
constraint-dependencies = [{dependencies}]
"""


def choose(known: Mapping[str, Entry], words: Iterable[str]) -> list[list[Entry]]:
    """Choose one version of each project: the files that clients are to pin.

    Args:
        known: the entries by file name.
        words: requirements, e.g. ``vllm==0.33.0+musa``; none means every project that has but one
            version that is not yanked.

    Returns:
        For each project all files of that version.

    Raises:
        UsageError: there is no such version, or more than one.
    """
    projects: dict[str, list[Entry]] = {}
    for entry in in_order(known.values()):
        projects.setdefault(entry.project, []).append(entry)
    if not projects:
        raise UsageError(
            "the index is empty", next_step="python -m build_hooks index build DIR --to ..."
        )
    wanted = [_requirement(word) for word in words] or [Requirement(name) for name in projects]
    return [_files(projects, requirement) for requirement in wanted]


def _requirement(word: str) -> Requirement:
    try:
        return Requirement(word)
    except InvalidRequirement as error:
        raise UsageError(
            f"{word!r} is no requirement: {error}", next_step="e.g. vllm==0.33.0+musa"
        ) from error


def _files(projects: Mapping[str, Sequence[Entry]], requirement: Requirement) -> list[Entry]:
    name = canonicalize_name(requirement.name)
    if name not in projects:
        raise UsageError(f"the index has no project {name!r}{did_you_mean(name, projects)}")
    offered = [entry for entry in projects[name] if entry.yanked is None]
    matching = [
        entry
        for entry in offered
        if requirement.specifier.contains(entry.version, prereleases=True)
    ]
    versions = sorted({Version(entry.version) for entry in matching})
    if not versions:
        there = {f"{name}=={entry.version}" for entry in offered}
        hint = did_you_mean(str(requirement), there) if there else ": all its files are yanked"
        raise UsageError(f"the index has nothing for {requirement}{hint}")
    if len(versions) > 1:
        listed = ", ".join(f"{name}=={version}" for version in versions)
        raise UsageError(
            f"the index has several versions of {name}: {listed}", next_step="say which one"
        )
    return matching


def config(client: str, chosen: Sequence[Sequence[Entry]], url: str, name: str) -> str:
    """Write what a client is to be configured with.

    Args:
        client: ``pip`` or ``uv``.
        chosen: for each project the files of one version.
        url: where clients find the index.
        name: what uv is to call it.
    """
    simple = f"{url.rstrip('/')}/{SIMPLE}"
    pins = [f"{files[0].project}=={files[0].version}" for files in chosen]
    if client == "pip":
        return _PIP.format(
            url=simple,
            names=" ".join(pins),
            pins=", ".join(f"`{pin}`" for pin in pins),
            requirements="\n".join(
                " \\\n    ".join([pin, *(f"--hash=sha256:{digest}" for digest in _digests(files))])
                for pin, files in zip(pins, chosen, strict=True)
            ),
        )
    return _UV.format(
        name=json.dumps(name),
        url=json.dumps(simple),
        dependencies=", ".join(map(json.dumps, pins)),
        sources="\n".join(
            f"{files[0].project} = {{ index = {json.dumps(name)} }}" for files in chosen
        ),
    )


def _digests(files: Sequence[Entry]) -> list[str]:
    """Give the hashes of a version's files: of its wheels, or where it has none of its sdists."""
    wheels = [entry for entry in files if entry.kind == "wheel"]
    return sorted(entry.sha256 for entry in wheels or files)
