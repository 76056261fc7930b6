"""Count the sites of every rule on every release of the lock, and write the numbers for review."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.collector import without_collector
from build_hooks.commands._shared import add_json_option, write_json
from build_hooks.errors import PatchFailureError
from build_hooks.lock import read_lock
from build_hooks.output import replacing
from build_hooks.pipeline import make_plan
from build_hooks.platforms import (
    dialect_names,
    dialect_package,
    load_dialect,
    load_platform,
    platform_folder,
    platform_names,
)
from build_hooks.settings import Settings
from build_hooks.terminal import tracked, write_line
from transforms.engine.expected import CountsSites, expected_sites_module
from transforms.engine.match import match_patches
from transforms.engine.patch import Patch, admits

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class _Counted:
    """A package that applies rules, and the numbers that were reviewed for them.

    Attributes:
        name: the platform's or dialect's name.
        folder: where its `_expected.py` is.
        patches: for each stem a patch that does nothing but apply the rule.
        expected: for each stem and release the number of sites.
    """

    name: str
    folder: Path
    patches: Mapping[str, Patch]
    expected: Mapping[str, Mapping[str, int]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    names = [*platform_names(), *dialect_names()]
    parser.add_argument("-p", "--platform", choices=names, help="one platform or dialect only")
    parser.add_argument("--vllm", nargs="+", metavar="V", help="count again on these releases only")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Count, and write or compare the module beside the patches that apply rules."""
    results: list[dict[str, object]] = []
    for counted in _all_counted():
        if options.platform not in {None, counted.name}:
            continue
        counts = _count(counted, options.vllm or read_lock().releases("vllm", "sdist"), settings)
        changed = counts != counted.expected
        path = counted.folder / "_expected.py"
        if changed and not options.check:
            with replacing(path) as file:
                file.write(expected_sites_module(counts).encode())
        for stem, numbers in counts.items():
            differs = numbers != counted.expected.get(stem)
            name = f"{counted.name}/{stem}"
            results.append({"patch": name, "counts": numbers, "changed": differs})
            if not options.json:
                state = (
                    "unchanged" if not differs else "DIFFERS" if options.check else f"wrote {path}"
                )
                write_line(f"{name}: {sum(numbers.values())} sites: {state}")
    stale = options.check and any(result["changed"] for result in results)
    if options.json:
        write_json("expect", {"good": not stale, "patches": results})
    elif options.check:
        write_line("FAIL: review the numbers and write them" if stale else "PASS: all as reviewed")
    return PatchFailureError.exit_code if stale else 0


def _all_counted() -> Iterator[_Counted]:
    for name in dialect_names():
        package = importlib.import_module(dialect_package(name))
        yield _counted(name, package.__path__[0], package.COUNTED)
    for name in platform_names():
        platform = load_platform(name)
        shared = load_dialect(platform.dialect).patches if platform.dialect else {}
        own = {
            stem: replace(patch, edits=edits)
            for stem, patch in platform.patches.items()
            if stem not in shared
            and (edits := [edit for edit in patch.edits if isinstance(edit, CountsSites)])
        }
        if own:
            yield _counted(name, str(platform_folder(name)), own)


def _counted(name: str, folder: str, patches: Mapping[str, Patch]) -> _Counted:
    expected = {
        stem: dict(edit.expected)
        for stem, patch in patches.items()
        for edit in patch.edits
        if isinstance(edit, CountsSites)
    }
    return _Counted(name, Path(folder), patches, expected)


def _count(
    counted: _Counted, releases: Iterable[str], settings: Settings
) -> dict[str, dict[str, int]]:
    """Match all patches of a package on every release that they are for, in one pass each."""
    counts = {stem: dict(numbers) for stem, numbers in counted.expected.items()}
    for release in tracked(list(releases), f"counting the sites of {counted.name}"):
        chosen = Settings(
            platform=(platform_names()[0],),
            vllm=release,
            source="sdist",
            offline=settings.offline,
            index=settings.index,
            cache=settings.cache,
        )
        with without_collector():
            outcomes = match_patches(counted.patches, make_plan(chosen).artifact, release)
        for outcome in outcomes:
            if admits(counted.patches[outcome.patch].versions, release):
                counts[outcome.patch][release] = len(outcome.sites)
    return counts
