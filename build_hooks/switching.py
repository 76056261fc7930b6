"""Write into a wheel what `-C switches=on` asks for: upstream's text beside that of the patches.

These are two files of JSON in the package, read by `vllm/wheelwright_switches/`: a small one with
the names, which every process reads, and a large one, which is read where something is off.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from build_hooks.report import counted
from build_hooks.shipping import PACKAGE
from transforms.engine.switches import switches_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from transforms.engine.apply import EditedFile
    from transforms.engine.outcome import Outcome
    from transforms.engine.patch import Patch, PatchSet
    from transforms.engine.switches import Span, Switches

FOLDER = f"{PACKAGE}wheelwright_switches/"
NAMES, UPSTREAM = f"{FOLDER}names.json", f"{FOLDER}upstream.json"
SCHEMA = 1


def fill_switches(
    outcomes: Iterable[Outcome],
    files: Sequence[EditedFile],
    patches: Mapping[str, Patch],
    platforms: Iterable[PatchSet],
) -> tuple[list[Outcome], Switches]:
    """Fill the two files that the switches' own patch adds.

    Args:
        outcomes: what became of every patch.
        files: the edited files that came of it, with these two still empty.
        patches: all patches by full name.
        platforms: the platforms, for the names that they give to switches.

    Returns:
        The outcomes with the files, and what is in them.
    """
    outcomes = list(outcomes)
    switches = switches_of(outcomes, files, patches, PACKAGE)
    written = {
        NAMES: _json(_names(switches, platforms)),
        UPSTREAM: _json(_upstream(switches, files)),
    }
    filled = [
        replace(
            item,
            sites=tuple(
                replace(site, replacement=written.get(site.path, site.replacement))
                if site.adds_file
                else site
                for site in item.sites
            ),
        )
        if any(site.path in written for site in item.sites)
        else item
        for item in outcomes
    ]
    return filled, switches


def switches_notes(switches: Switches) -> Iterator[str]:
    """Say to whoever builds which patches have a switch, and why the others have none."""
    count = len(switches.needs)
    every = counted(count + len(switches.fixed), "patch", "patches")
    yield f"switches: {count} of {every} can be switched off where the wheel is imported"
    for name, reason in switches.fixed.items():
        yield f"switches: {name} cannot: {reason}"


def _names(switches: Switches, platforms: Iterable[PatchSet]) -> dict[str, object]:
    aliases: dict[str, list[str]] = {}
    verbose: set[str] = set()
    for platform in platforms:
        verbose.update(platform.verbose)
        for variable, stems in platform.aliases.items():
            aliases.setdefault(variable, []).extend(f"{platform.name}/{stem}" for stem in stems)
    return {
        "schema": SCHEMA,
        "patches": {name: list(names) for name, names in switches.needs.items()},
        "fixed": dict(switches.fixed),
        "adding": list(switches.adding),
        "aliases": {variable: sorted(aliases[variable]) for variable in sorted(aliases)},
        "verbose": sorted(verbose),
    }


def _upstream(switches: Switches, files: Iterable[EditedFile]) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "modules": {
            _module(file.path): {
                "path": file.path.removeprefix(PACKAGE),
                "sha256": hashlib.sha256(file.after).hexdigest(),
                "sha256_upstream": hashlib.sha256(file.before or b"").hexdigest(),
                "spans": [_span(span) for span in switches.spans[file.path]],
            }
            for file in files
            if file.path in switches.spans
        },
    }


def _span(span: Span) -> list[object]:
    # Bytes that are no UTF-8, of a file in another encoding, survive as lone surrogates.
    text = span.upstream.decode("utf-8", "surrogateescape")
    return [span.start, span.end, text, list(span.patches)]


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _json(document: Mapping[str, object]) -> bytes:
    return (json.dumps(document, indent=1) + "\n").encode("ascii")
