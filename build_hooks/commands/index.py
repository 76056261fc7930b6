"""Serve wheels and sdists: write and change a private package index of static files."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from build_hooks.commands._shared import add_json_option, existing_output, write_json
from build_hooks.errors import UsageError
from build_hooks.terminal import tracked, write_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from build_hooks.index.checking import Finding
    from build_hooks.index.entry import Entry
    from build_hooks.index.publishing import Published
    from build_hooks.index.store import Store
    from build_hooks.settings import Settings

_ENDINGS = (".whl", ".tar.gz")
_STORE = "a folder, or an address that fsspec knows: s3://bucket/path"
_CLIENTS = ("pip", "uv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = actions.add_parser("build", help="serve every wheel and sdist of some folders")
    build.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    add = actions.add_parser("add", help="serve more files in an index that is there")
    add.add_argument("files", nargs="+", metavar="FILE")
    for action in (build, add):
        action.add_argument(
            "--replace", action="store_true", help="serve other bytes under a name that is taken"
        )
    yank = actions.add_parser("yank", help="let nobody choose files any more, but by exact pin")
    yank.add_argument("--reason", required=True, metavar="TEXT", help="what people are told")
    unyank = actions.add_parser("unyank", help="take a yank back")
    for action in (yank, unyank):
        action.add_argument("words", nargs="+", metavar="FILE|VERSION")
    for action in (build, add, yank, unyank):
        action.add_argument("--to", required=True, metavar="URL", help=_STORE)
        add_json_option(action)
    check = actions.add_parser("check", help="hold every file, page and link against each other")
    check.add_argument("url", metavar="URL", help=_STORE)
    add_json_option(check)
    client = actions.add_parser("client-config", help="write what clients are configured with")
    client.add_argument("client", choices=_CLIENTS)
    client.add_argument("requirements", nargs="*", metavar="NAME==VERSION")
    client.add_argument("--to", required=True, metavar="URL", help=f"the index: {_STORE}")
    client.add_argument("--url", help="where clients find it, if not there")
    client.add_argument("--name", default="wheelwright", help="what uv is to call it")
    add_json_option(client)


def run(options: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001
    """Do what was asked.

    Returns:
        0 if all is well, 1 if `check` found that something is not.

    Raises:
        WheelwrightError: a file cannot be served, or the index cannot be used.
    """
    from build_hooks.index.store import open_store  # noqa: PLC0415 - quick start-up

    actions = {
        "build": _add,
        "add": _add,
        "yank": _yank,
        "unyank": _yank,
        "check": _check,
        "client-config": _client_config,
    }
    store = open_store(options.url if options.action == "check" else options.to)
    return actions[options.action](options, store)


def _add(options: argparse.Namespace, store: Store) -> int:
    from build_hooks.index.distribution import read_distribution  # noqa: PLC0415 - quick start-up
    from build_hooks.index.publishing import publish  # noqa: PLC0415

    if options.action == "build":
        paths = _files_of(options.folders)
    else:
        _require_index(store)
        paths = [existing_output(file) for file in options.files]
    distributions = [read_distribution(path) for path in tracked(paths, "reading files")]
    names = [item.entry.filename for item in distributions]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"given more than once: {', '.join(twice)}")
    now = datetime.now(tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    published = publish(store, distributions, now, _note, replacing=options.replace)
    _say_published(options, store, published)
    return 0


def _files_of(folders: Iterable[Path]) -> list[Path]:
    """Give the wheels and sdists that lie in some folders, not below them."""
    found = []
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"no such folder: {folder}", next_step="`index add` takes files")
        here = [path for path in sorted(folder.iterdir()) if path.name.endswith(_ENDINGS)]
        if not here:
            raise UsageError(f"no wheel or sdist lies in {folder}")
        found += here
    return found


def _require_index(store: Store) -> None:
    from build_hooks.index.layout import ENTRIES  # noqa: PLC0415 - quick start-up

    if not store.names(ENTRIES):
        raise UsageError(
            f"there is no index in {store.address}",
            next_step=f"python -m build_hooks index build DIR --to {store.address}",
        )


def _say_published(options: argparse.Namespace, store: Store, published: Published) -> None:
    groups = {name: getattr(published, name) for name in ("added", "replaced", "present")}
    if options.json:
        listed = {name: [_brief(entry) for entry in group] for name, group in groups.items()}
        _write(options, store, {**listed, "sent": [*published.sent], "pages": [*published.pages]})
        return
    for word, group in groups.items():
        for entry in group:
            write_line(f"{word:9}{entry.filename}  sha256 {entry.sha256}")
    write_line(
        f"{len(published.sent)} files sent, {len(published.pages)} pages written: {store.address}"
    )


def _yank(options: argparse.Namespace, store: Store) -> int:
    from build_hooks.index.yanking import yank  # noqa: PLC0415 - quick start-up

    reason = " ".join(options.reason.split()) if options.action == "yank" else None
    if reason == "":
        raise UsageError("--reason is empty: say what is wrong with the file")
    _require_index(store)
    changed, pages = yank(store, options.words, reason, _note)
    if options.json:
        entries = [_brief(entry) for entry in changed]
        _write(options, store, {"changed": entries, "pages": [*pages]})
        return 0
    for entry in changed:
        write_line(f"{options.action}ed {entry.filename}" + (f": {reason}" if reason else ""))
    if not changed:
        write_line(f"nothing to do: {', '.join(options.words)} as asked already")
    return 0


def _check(options: argparse.Namespace, store: Store) -> int:
    from build_hooks.index.checking import check_index  # noqa: PLC0415 - quick start-up

    _require_index(store)
    report = check_index(store)
    bad = bool(report.problems)
    if options.json:
        found = {
            "good": not bad,
            "files": report.entries,
            "problems": [asdict(item) for item in report.problems],
            "notes": [asdict(item) for item in report.notes],
        }
        _write(options, store, found)
        return int(bad)
    _say_findings("", report.problems)
    _say_findings("note: ", report.notes)
    wrong = f"{len(report.problems)} problem{'s' * (len(report.problems) > 1)} in "
    verdict = f"FAIL: {wrong}" if bad else "PASS: "
    files = f"{report.entries} file{'s' * (report.entries != 1)}"
    write_line(f"{verdict}{files} and their pages, {store.address}")
    return int(bad)


def _say_findings(label: str, findings: Sequence[Finding]) -> None:
    for item in findings:
        write_line(f"{label}{item.name}: {item.problem}")


def _client_config(options: argparse.Namespace, store: Store) -> int:
    from build_hooks.index.client_config import choose, config  # noqa: PLC0415 - quick start-up
    from build_hooks.index.publishing import read_entries  # noqa: PLC0415

    _require_index(store)
    chosen = choose(read_entries(store), options.requirements)
    text = config(options.client, chosen, options.url or _client_url(store), options.name)
    if options.json:
        files = [_brief(entry) for group in chosen for entry in group]
        _write(options, store, {"client": options.client, "files": files, "text": text})
    else:
        sys.stdout.write(text)
    return 0


def _client_url(store: Store) -> str:
    """Give the address at which clients of this machine find a folder.

    Raises:
        UsageError: it is none, so nobody but the user knows.
    """
    if "://" in store.address:
        raise UsageError(
            f"pip and uv do not read {store.address}",
            next_step="say at which address clients find it: --url https://...",
        )
    return Path(store.address).resolve().as_uri()


def _brief(entry: Entry) -> dict[str, object]:
    return {
        "filename": entry.filename,
        "project": entry.project,
        "version": entry.version,
        "sha256": entry.sha256,
        "size": entry.size,
        "uploaded": entry.uploaded,
        "yanked": entry.yanked,
    }


def _write(options: argparse.Namespace, store: Store, found: dict[str, object]) -> None:
    write_json("index", {"action": options.action, "to": store.address, **found})


def _note(line: str) -> None:
    sys.stderr.write(f"waiting: {line}\n")
