"""Count the sites of every rule on every release of the lock, and write the numbers for review."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.commands._shared import add_json_option, write_json
from build_hooks.errors import PatchFailureError
from build_hooks.lock import read_lock
from build_hooks.output import replacing
from build_hooks.platforms import load_platform, platform_names
from build_hooks.settings import Settings
from build_hooks.terminal import tracked, write_line
from transforms.engine.expected import CountsSites, expected_sites_module
from transforms.engine.patch import admits

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("-p", "--platform", choices=platform_names(), help="one platform only")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    add_json_option(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Count, and write or compare the module beside each patch that applies a rule."""
    names = [options.platform] if options.platform else platform_names()
    results: list[dict[str, object]] = []
    for platform, stem, edit in _rules_in_use(names):
        counts = _count(platform, stem, settings)
        path = _module_path(platform, stem)
        changed = dict(edit.expected) != counts
        if changed and not options.check:
            with replacing(path) as file:
                file.write(expected_sites_module(edit.rule.name, counts).encode())
        results.append({"patch": f"{platform}/{stem}", "counts": counts, "changed": changed})
        if not options.json:
            state = "unchanged" if not changed else "DIFFERS" if options.check else f"wrote {path}"
            write_line(f"{platform}/{stem}: {sum(counts.values())} sites: {state}")
    stale = options.check and any(result["changed"] for result in results)
    if options.json:
        write_json("expect", {"good": not stale, "patches": results})
    elif options.check:
        write_line("FAIL: review the numbers and write them" if stale else "PASS: all as reviewed")
    return PatchFailureError.exit_code if stale else 0


def _rules_in_use(platforms: tuple[str, ...] | list[str]) -> Iterator[tuple[str, str, CountsSites]]:
    for platform in platforms:
        for stem, patch in load_platform(platform).patches.items():
            for edit in patch.edits:
                if isinstance(edit, CountsSites):
                    yield platform, stem, edit


def _count(platform: str, stem: str, settings: Settings) -> dict[str, int]:
    """Match one patch on every release that it is for."""
    from build_hooks.pipeline import make_plan, match  # noqa: PLC0415 - quick start-up

    name = f"{platform}/{stem}"
    counts = {}
    releases = read_lock().releases("vllm", "sdist")
    for release in tracked(releases, f"counting the sites of {name}"):
        chosen = Settings(
            platform=(platform,),
            vllm=release,
            source="sdist",
            only=(name,),
            offline=settings.offline,
            index=settings.index,
            cache=settings.cache,
        )
        plan = make_plan(chosen)
        if admits(plan.patches[name].versions, release):
            (outcome,) = (item for item in match(plan) if item.patch == name)
            counts[release] = len(outcome.sites)
    return counts


def _module_path(platform: str, stem: str) -> Path:
    package = importlib.import_module(f"transforms.platforms.{platform}")
    return Path(next(iter(package.__path__))) / f"_expected_{stem}.py"
