"""Record releases of the index in the lock (add), or compare the two (check)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.commands._shared import add_json_option, add_plugin_options, write_json
from build_hooks.errors import NetworkError, UnknownReleaseError, UsageError, did_you_mean
from build_hooks.fetch.cache import Cache, cache_root
from build_hooks.lock import KINDS, LOCK_PATH, Lock, dump_lock, read_lock
from build_hooks.lock.plugin_lock import (
    PLUGIN_LOCK_PATH,
    LockedPlugin,
    PluginLock,
    dump_plugin_lock,
    read_plugin_lock,
)
from build_hooks.output import replacing
from build_hooks.settings import DISTRIBUTIONS
from build_hooks.terminal import tracked, write_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from build_hooks.lock import Kind, LockedArtifact
    from build_hooks.lock.maintenance import Checked, Maintenance
    from build_hooks.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the two actions and their arguments.

    Args:
        parser: the parser of this command.
    """
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="resolve releases on the index and record them")
    add.add_argument("releases", nargs="*", metavar="V", help="a release, e.g. 0.33.0")
    add_plugin_options(add)
    add.add_argument("--distribution", choices=DISTRIBUTIONS, default="vllm")
    add.add_argument("--kind", choices=(*KINDS, "both"), default="sdist")
    add.add_argument("--default", action="store_true", help="build the last one by default")
    check = actions.add_parser("check", help="does the index still serve these very bytes?")
    check.add_argument("releases", nargs="*", metavar="V", help="all that are locked by default")
    check.add_argument("--full", action="store_true", help="download every file and hash it")
    for action in (add, check):
        add_json_option(action)
        action.add_argument(
            "--lock",
            type=Path,
            default=LOCK_PATH,
            help=f"another lock file; that of plugins is {PLUGIN_LOCK_PATH.name} beside it",
        )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Do what was asked.

    Args:
        args: what `add_arguments` declared.
        settings: `index`, `cache` and `offline` count here.

    Returns:
        0 if all is well, 1 if `lock check` found that something is not.

    Raises:
        WheelwrightError: the lock, the index or the cache cannot be used.
    """
    if args.action == "add" and bool(args.releases) == bool(args.plugin):
        raise UsageError("`lock add` takes releases of vLLM, or a plugin (--plugin NAME==VERSION)")
    if settings.offline:
        message = f"`lock {args.action}` asks the index, and `offline` is set"
        raise NetworkError(message, next_step="leave `offline` out")
    # Here and not above: the other commands must not pay for the HTTP client.
    from build_hooks.fetch.download import Retry  # noqa: PLC0415
    from build_hooks.fetch.index_client import open_index  # noqa: PLC0415
    from build_hooks.fetch.index_config import choose_index  # noqa: PLC0415
    from build_hooks.lock.maintenance import Maintenance  # noqa: PLC0415

    cache, retry = Cache(cache_root(settings.cache)), Retry()
    with open_index(choose_index(settings.index), retry) as client:
        maintenance = Maintenance(client, cache, retry)
        if args.action == "add" and args.plugin:
            added_plugin = _add_plugin(args, maintenance)
            return _say_added(args, _plugin_lock(args), [added_plugin])
        if args.action == "add":
            kinds: Sequence[Kind] = KINDS if args.kind == "both" else (args.kind,)
            added = [
                artifact
                for release in args.releases
                for kind in kinds
                for artifact in maintenance.add(args.distribution, release, kind)
            ]
            _write(args.lock, added, args.default)
            return _say_added(args, args.lock, added)
        artifacts = _chosen(read_lock(args.lock), args.releases)
        if not args.releases:
            artifacts += [item.artifact for item in _plugins(args).plugins]
        bar = tracked(artifacts, "checking locked files")
        checked = [maintenance.check(artifact, full=args.full) for artifact in bar]
    return _say_checked(args, checked)


def _write(path: Path, added: Sequence[LockedArtifact], default: object) -> None:
    """Write the lock anew, whole or not at all."""
    lock = read_lock(path) if path.exists() else Lock(added[-1].release, ())
    text = dump_lock(lock.merge(added, added[-1].release if default else None))
    with replacing(path) as file:
        file.write(text.encode())


def _plugin_lock(args: argparse.Namespace) -> Path:
    path: Path = args.lock.with_name(PLUGIN_LOCK_PATH.name)
    return path


def _plugins(args: argparse.Namespace) -> PluginLock:
    path = _plugin_lock(args)
    return read_plugin_lock(path) if path.exists() else PluginLock()


def _add_plugin(args: argparse.Namespace, maintenance: Maintenance) -> LockedPlugin:
    """Lock a plugin, with what a build must know of it; only its own roots are looked up in it."""
    from build_hooks.plugins.opened import open_plugin  # noqa: PLC0415 - only where it is asked
    from build_hooks.plugins.wanted import named_version  # noqa: PLC0415

    name, version = named_version(args.plugin)
    artifact = maintenance.add_plugin(name, version)
    path = maintenance.cache.slot(artifact.sha256, artifact.filename).path
    opened = open_plugin(path, None, roots=args.root, define=args.define)
    added = LockedPlugin(artifact, opened.plugin.roots, opened.define)
    text = dump_plugin_lock(_plugins(args).merge([added]))
    with replacing(_plugin_lock(args)) as file:
        file.write(text.encode())
    return added


def _chosen(lock: Lock, releases: Sequence[str]) -> list[LockedArtifact]:
    known = {artifact.release for artifact in lock.artifacts}
    for release in releases:
        if release not in known:
            hint = did_you_mean(release, known)
            raise UnknownReleaseError(f"the lock holds no release {release!r}{hint}")
    return [one for one in lock.artifacts if not releases or one.release in releases]


def _say_added(
    args: argparse.Namespace, lock: Path, added: Sequence[LockedArtifact | LockedPlugin]
) -> int:
    if args.json:
        entries = [one.as_json() for one in added]
        write_json("lock", {"action": "add", "lock": str(lock), "added": entries})
        return 0
    for one in added:
        artifact = one.artifact if isinstance(one, LockedPlugin) else one
        write_line(f"locked {artifact.filename}  sha256 {artifact.sha256}")
        if isinstance(one, LockedPlugin):
            write_line(f"  roots {', '.join(one.roots)}")
    return 0


def _say_checked(args: argparse.Namespace, checked: Sequence[Checked]) -> int:
    bad = [one for one in checked if not one.good]
    if args.json:
        results = [
            {**one.artifact.as_json(), "verdict": one.verdict, "detail": one.detail}
            for one in checked
        ]
        write_json(
            "lock",
            {"action": "check", "lock": str(args.lock), "good": not bad, "results": results},
        )
        return 1 if bad else 0
    for one in checked:
        write_line(f"{one.verdict:12}{one.artifact.filename}: {one.detail}")
    verdict = f"FAIL: {len(bad)} of {len(checked)}" if bad else f"PASS: all {len(checked)}"
    write_line(f"{verdict} locked files {'differ or are missing' if bad else 'agree'}")
    return 1 if bad else 0
