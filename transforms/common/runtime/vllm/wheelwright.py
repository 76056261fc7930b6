# SPDX-License-Identifier: Apache-2.0
"""What this vLLM carries: patches that vllm-wheelwright compiled into its wheel or its sources.

    python -m vllm.wheelwright [--json] [--verify]
    python -m vllm.wheelwright live DIR                             a running engine's processes
    python -m vllm.wheelwright rebound [--import MODULE ...] [--json]   what a plugin patches again
    python -m vllm.wheelwright profile SESSION ...      what an engine recorded; `profile -h`
    python -m vllm.wheelwright diagnose [SESSION] ...   which points it has, and which fired

The last two are for wheels that have the platform `profile`. `live` asks an engine that was started
with WHEELWRIGHT_LIVE=DIR. `rebound` imports vLLM. A package beside this file can bring more commands.

It needs the standard library only, and also runs as a plain file (`python .../vllm/wheelwright.py`)
where torch or vLLM cannot be imported. Exit codes: 0 good, 1 a file is not as it was built, or a
name not as it was compiled, 2 wrong use, 5 the description is missing or unreadable.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Enters vLLM's compile-cache key, so that builds with different patches never share compiled code.
DIGEST = "@WHEELWRIGHT_DIGEST@"

EXIT_GOOD, EXIT_CHANGED, EXIT_USAGE, EXIT_UNREADABLE = 0, 1, 2, 5


class DescriptionError(Exception):
    """The wheel's description of itself is missing or cannot be read."""


# Where upstream's own build has made the wheel, from a patched sdist: it knows of no `.dist-info`
# files, and hands on what lies in the package.
BESIDE = Path(__file__).resolve().with_suffix(".json")


def dist_info() -> Path:
    """Find the `.dist-info` folder that this very file was installed with.

    Raises:
        DescriptionError: there is none, or more than one, beside the package.
    """
    site = BESIDE.parent.parent
    if BESIDE.is_file():
        what = "installation"
        own = f"{BESIDE.parent.name}/{BESIDE.stem}.py,"
        found = [path.parent for path in sorted(site.glob("*.dist-info/RECORD")) if _has(path, own)]
    else:
        what = "description"
        manifests = site.glob("*.dist-info/wheelwright/manifest.json")
        found = sorted(path.parent.parent for path in manifests)
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise DescriptionError(f"expected one {what} of this build in {site}, found {names}")
    return found[0]


def _has(record: Path, start: str) -> bool:
    with record.open(encoding="utf-8", newline="") as rows:
        return any(row.startswith(start) for row in rows)


def manifest() -> dict[str, Any]:
    """Read the manifest, as docs/manifest.md of vllm-wheelwright describes it."""
    path = BESIDE if BESIDE.is_file() else dist_info() / "wheelwright" / "manifest.json"
    try:
        described: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DescriptionError(f"{path} cannot be read: {error}") from error
    return described


def verify() -> list[dict[str, str]]:
    """Compare the installed files, and their byte code, with what the wheel says of them.

    Returns:
        A list of dicts with `path` and `problem`, empty where all is as built.

    Raises:
        DescriptionError: the description is missing or cannot be read.
    """
    folder = dist_info()
    described = manifest()
    problems = []
    if described["digest"] != DIGEST:
        problems.append({"path": "vllm/wheelwright.py", "problem": "belongs to another build"})
    installed = _beside(BESIDE.parent / "wheelwright_checks", "installed")
    try:
        return [*problems, *installed.verify(folder, described, BESIDE.parent)]
    except (OSError, ValueError) as error:
        raise DescriptionError(f"{folder / 'RECORD'} cannot be read: {error}") from error


def summary() -> str:
    """Say in a few words what this vLLM carries, for a log or a report; it never raises."""
    try:
        described = manifest()
        names = ", ".join(described["platforms"]) or described.get("plugin", {}).get("name", "none")
        count = sum(item["outcome"] == "applied" for item in described["patches"])
        said = f"{described['version']}, platform {names}, {count} patches"
    except Exception:  # noqa: BLE001 - nothing of this may stop an engine
        said = "its description cannot be read"
    return f"vllm-wheelwright: {said}, digest {DIGEST[:12]}"


def compiled_in(plugin: str) -> bool:
    """Tell a plugin whether this vLLM has its patches, so that it need not patch while it runs.

    Args:
        plugin: the name of its package, e.g. ``vllm_ascend``.
    """
    folder = BESIDE.parent / "wheelwright_plugins" / plugin.replace("-", "_")
    return (folder / "__init__.py").is_file()


def rebound() -> list[dict[str, Any]]:
    """List what of this process is no longer what compiled patches have put there.

    Returns:
        A list of dicts with `module` and `name` (what was rebound), `patch`, `by` and `by_plugin`,
        as docs/manifest.md of vllm-wheelwright describes them.
    """
    marks = importlib.import_module("vllm.wheelwright_marks")
    listed: list[dict[str, Any]] = marks.rebound()
    return listed


def _rebound(words: Sequence[str]) -> int:
    """Say what is rebound in a process that has imported some modules."""
    parser = argparse.ArgumentParser(
        prog="python -m vllm.wheelwright rebound",
        description="What was compiled in, and is something else in a process with these modules.",
    )
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument(
        *("--import", "-i"),
        dest="modules",
        metavar="MODULE",
        nargs="+",
        default=[],
        help="import it first, e.g. the package of a plugin's patches",
    )
    options = parser.parse_args(words)
    try:
        for name in ("vllm", *options.modules):
            importlib.import_module(name)
        marks = importlib.import_module("vllm.wheelwright_marks")
    except Exception as error:  # noqa: BLE001 - somebody else's module may fail in any way
        reason = f"{type(error).__name__}: {error}"
        print(f"error: {name} cannot be imported: {reason}", file=sys.stderr)
        return EXIT_UNREADABLE
    listed, unknown = marks.rebound(), marks.unknown()
    if options.json:
        print(json.dumps({"rebound": listed, "unknown": unknown}, indent=1, ensure_ascii=False))
    else:
        print("\n".join(marks.lines(listed, unknown)))
    return EXIT_CHANGED if listed else EXIT_GOOD


def _describe(described: dict[str, Any], more: Iterable[str] = ()) -> Iterator[str]:
    """Give the lines that a person reads; `more` are those of packages beside this file."""
    artifact = described["artifact"]
    platforms = ", ".join(described["platforms"]) or "no platform"
    yield f"{described['distribution']} {described['version']} ({platforms})"
    yield f"  built from  {artifact['filename']}  sha256 {artifact['sha256'] or 'of no file'}"
    if described.get("output") == "sdist":
        yield "  compiled    by upstream's own build, from the patched sdist"
    yield f"  digest      {described['digest']}"
    if "plugin" in described:
        yield f"  plugin      {_plugin(described['plugin'])}"
    yield from more
    for patch in described["patches"]:
        sites = sum(len(file["sites"]) for file in patch["files"])
        shown = f"{sites} sites" if sites else patch.get("reason", f"for {patch['versions']}")
        yield f"  {patch['outcome']:<9} {patch['name']:<36} {shown}"
        yield f"            why: {patch['why']}"


def _plugin(plugin: dict[str, Any]) -> str:
    """Say in a line what became of the plugin that was compiled in."""
    rows = plugin["mutations"]
    outcomes = [row["outcome"] for row in rows]
    counts = ", ".join(f"{outcomes.count(name)} {name}" for name in dict.fromkeys(sorted(outcomes)))
    name = " ".join(filter(None, (plugin["name"], plugin["version"])))
    return f"{name}: {len(rows)} mutations: {counts}"


def _profile(words: Sequence[str]) -> int:
    """Hand `profile` and `diagnose` over to the platform's own package, without importing vLLM."""
    folder = Path(__file__).resolve().parent / "wheelwright_profile"
    if not (folder / "command").is_dir():
        print(
            f"error: {words[0]!r} needs the platform profile, and this wheel was built without it\n"
            "next: build one with it, alone or joined to others: -C platform=musa,profile",
            file=sys.stderr,
        )
        return EXIT_USAGE
    environment = dict(os.environ)
    # This process reads what others recorded, and the package's own __init__ would begin to record.
    os.environ["VLLM_ENABLE_PROFILING"] = "0"
    command = _beside(folder, "command")
    try:
        wheel = manifest()
    except DescriptionError as error:
        wheel = {"problem": str(error)}
    code: int = command.main(words, wheel=wheel, environment=environment)
    return code


def _brought(name: str) -> list[ModuleType]:
    """Give the modules of one name that packages beside this file bring, if any do."""
    found = sorted(BESIDE.parent.glob(f"wheelwright_*/{name}.py"))
    return [_beside(path.parent, path.stem) for path in found]


def _beside(folder: Path, name: str) -> ModuleType:
    """Import a module of a package beside this file, without that package's own __init__."""
    package = ModuleType(folder.name)
    package.__path__ = [str(folder)]
    sys.modules[folder.name] = package
    return importlib.import_module(f"{folder.name}.{name}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; see the module's docstring."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words and words[0].isidentifier():
        for command in _brought(f"command_{words[0]}"):
            code: int = command.main(words[1:])
            return code
    if words[:1] in (["profile"], ["diagnose"]):
        return _profile(words)
    if words[:1] == ["rebound"]:
        return _rebound(words[1:])
    summary = (__doc__ or "").split("\n", 1)[0]
    parser = argparse.ArgumentParser(
        prog="python -m vllm.wheelwright",
        description=summary,
        epilog="Where the wheel has the platform profile: `profile -h` and `diagnose -h`.",
    )
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument("--verify", action="store_true", help="check the installed files")
    options = parser.parse_args(words)
    try:
        described = manifest()
        more = _brought("described")
        added = {key: value for item in more for key, value in item.document().items()}
        lines = [line for item in more for line in item.lines()]
        problems = verify() if options.verify else []
    except (DescriptionError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_UNREADABLE
    if options.json:
        document = {**described, **added, **({"problems": problems} if options.verify else {})}
        print(json.dumps(document, indent=1, ensure_ascii=False))
    else:
        print("\n".join(_describe(described, lines)))
        for problem in problems:
            print(f"  CHANGED   {problem['path']} {problem['problem']}")
        if options.verify:
            good = "FAIL" if problems else "PASS"
            print(f"{good}: {len(problems)} files differ from what was built")
    return EXIT_CHANGED if problems else EXIT_GOOD


if __name__ == "__main__":
    raise SystemExit(main())
