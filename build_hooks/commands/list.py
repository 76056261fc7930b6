"""List platforms, their patches, and the releases in the lock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from build_hooks.commands._shared import (
    add_json_option,
    add_plugin_options,
    chosen_settings,
    readable,
    write_json,
)
from build_hooks.listing import Listed, ended_at, grouped_lines
from build_hooks.lock import read_lock
from build_hooks.platforms import full_names, load_platform, platform_names
from build_hooks.shipping import WHEEL
from build_hooks.terminal import tracked, write_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

    from build_hooks.lock import Lock
    from build_hooks.pipeline import Plan
    from build_hooks.settings import Settings
    from transforms.engine.outcome import Status
    from transforms.engine.patch import PatchSet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("-p", "--platform", help="these platforms only, joined by ','")
    parser.add_argument(
        "--by",
        choices=["name", "drop_when"],
        default="name",
        help="drop_when: grouped by what tells when a patch may go",
    )
    parser.add_argument(
        "--vllm", metavar="RELEASE", help="say what becomes of each patch on this release"
    )
    add_plugin_options(parser)
    parser.add_argument("--offline", action="store_true", help="never touch the network")
    add_json_option(parser)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    """The patches of a platform or of a plugin."""

    name: str
    summary: str
    builds: str
    items: Sequence[Listed]

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "summary": self.summary,
            "builds": self.builds,
            "patches": [item.as_json() for item in self.items],
        }

    def lines(self, release: str) -> Iterator[str]:
        built = "" if self.builds == WHEEL else f" (built to an {self.builds})"
        yield f"{self.name}: {self.summary}{built}"
        for item in self.items:
            found = f": {item.outcome.value} on {release}" if item.outcome else ""
            yield f"  {item.name}  ({item.patch.versions}){found}"
            yield f"      {item.patch.why}"


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Write the list."""
    lock = read_lock()
    settings = chosen_settings(options, settings)
    release = options.vllm or (lock.default_release if settings.plugin else "")
    platforms = _platforms(options, settings)
    sets = list(_sets(platforms, replace(settings, vllm=release), lock, release))
    if options.json:
        document: dict[str, object] = {
            "platforms": [item.as_json() for item in sets],
            "release": release or None,
            "default_release": lock.default_release,
            "releases": _releases(lock),
        }
        write_json("list", document)
    elif options.by == "drop_when":
        for line in grouped_lines([item for each in sets for item in each.items], release):
            write_line(line)
    else:
        for line in _lines(sets, lock, release):
            write_line(line)
    return 0


def _platforms(options: argparse.Namespace, settings: Settings) -> list[PatchSet]:
    """Load the platforms that are asked for: all of them, but for a plugin by itself."""
    if options.platform is None:
        return [] if settings.plugin else [load_platform(name) for name in platform_names()]
    return [load_platform(name) for name in settings.platform]


def _lines(sets: Sequence[_Set], lock: Lock, release: str) -> Iterator[str]:
    for each in sets:
        yield from each.lines(release)
    for name, kinds in _releases(lock).items():
        for kind, found in kinds.items():
            if found:
                yield f"{name} {kind}: {' '.join(found)}"
    yield f"default release: {lock.default_release}"


def _sets(
    platforms: Sequence[PatchSet], settings: Settings, lock: Lock, release: str
) -> Iterator[_Set]:
    """Give the patches of platforms, and of the plugin where one is asked for."""
    found: dict[str, Status] = {}
    if settings.plugin:
        plan = _plan([item.name for item in platforms], settings)
        found = _outcomes(plan)
    elif release:
        # Each by itself: platforms that are never built together may well be in conflict.
        for item in tracked(platforms, "matching platforms"):
            found |= _outcomes(_plan([item.name], settings))
    known = lock.releases(settings.distribution)
    for item in platforms:
        items = [
            Listed(
                name=name,
                patch=patch,
                ended=ended_at(patch.versions, known),
                outcome=found.get(name),
            )
            for name, patch in full_names([item]).items()
        ]
        yield _Set(name=item.name, summary=item.summary, builds=item.builds, items=items)
    if settings.plugin and plan.woven:
        # They are compiled anew for each release, so no release ends them.
        items = [
            Listed(name=name, patch=patch, ended="", outcome=found.get(name))
            for name, patch in plan.woven.patches.items()
        ]
        name = plan.woven.opened.plugin.package
        summary = f"what {plan.woven.opened} patches while it runs, compiled for {release}"
        yield _Set(name=name, summary=summary, builds=WHEEL, items=items)


def _plan(platforms: Sequence[str], settings: Settings) -> Plan:
    from build_hooks.pipeline import make_plan  # noqa: PLC0415 - only where it is asked

    return make_plan(readable(replace(settings, platform=tuple(platforms))))


def _outcomes(plan: Plan) -> dict[str, Status]:
    from build_hooks.pipeline import match  # noqa: PLC0415 - only where it is asked

    return {outcome.patch: outcome.status for outcome in match(plan)}


def _releases(lock: Lock) -> Mapping[str, Mapping[str, list[str]]]:
    return {
        name: {kind: list(lock.releases(name, kind)) for kind in ("sdist", "wheel")}
        for name in lock.distributions()
    }
