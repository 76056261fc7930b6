"""Write the documentation that follows from code; `--check` only says whether it is up to date.

Run from the root of the repository: `python docs/generate.py [--check]`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from dataclasses import fields
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.platforms import (  # noqa: E402 - needs the root
    dialect_names,
    dialect_package,
    load_dialect,
    load_platform,
    platform_names,
)
from build_hooks.settings import Settings, environment_name  # noqa: E402
from build_hooks.triton.configurations import recorded_releases  # noqa: E402
from build_hooks.triton.measured import read_measured  # noqa: E402
from docs import ascend_table, page_texts, windows_table  # noqa: E402
from transforms import edits  # noqa: E402
from transforms.engine.expected import CountsSites  # noqa: E402
from transforms.engine.patch import admits  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

# A call of several lines, which no code span can show.
_LONG_CALL = re.compile(r"^`([A-Z]\w+\([^`]*\n[^`]*)`\s(gives)", re.MULTILINE)
_LANGUAGE = {"": "python", "cmake.": "cmake", "cpp.": "cpp"}
# The examples of a docstring: a label, or a call with what it gives, and code behind it.
_EXAMPLE = re.compile(r"^(.*)::\n\n((?:    .*\n|\n)+)", re.MULTILINE)

_DEFAULTS = {
    "platform": "`musa`, none with `plugin`",
    "vllm": "the lock's, see below",
    "source": "the platform's own",
    "editable": "below `build/editable`",
}


def settings_page() -> str:
    """Make docs/settings.md from the settings' own fields."""
    rows = []
    for item in fields(Settings):
        variable = environment_name(item.name)
        shown = f"`{item.default}`" if item.default else "off" if item.default is False else ""
        default = _DEFAULTS.get(item.name, shown)
        origin = f"`{variable}`" if variable else ""
        rows.append(f"| `{item.name}` | {origin} | {default} | {item.metadata['doc']} |")
    return page_texts.SETTINGS.format(rows="\n".join(rows))


def platform_page(name: str) -> str:
    """Make a platform's page from its patches."""
    platform = load_platform(name)
    rows = [
        f"| `{stem}` | `{patch.versions}` | {cell(patch.why)} | {cell(patch.upstream)} "
        f"| {cell(patch.drop_when)} |"
        for stem, patch in platform.patches.items()
    ]
    summary = platform.summary[:1].upper() + platform.summary[1:]
    return page_texts.PLATFORM.format(name=name, summary=summary, rows="\n".join(rows))


def edits_page() -> str:
    """Make docs/edits.md from the docstrings of the kinds of edit."""
    return page_texts.EDITS.format(sections="\n\n".join(_kinds_of(edits)))


def _kinds_of(package: ModuleType) -> Iterator[str]:
    """Give the section of each kind; what is for other files than Python comes last."""
    packages = []
    prefix = package.__name__.removeprefix(edits.__name__).removeprefix(".")
    prefix = f"{prefix}." if prefix else ""
    for item in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{item.name}")
        if item.ispkg:
            packages.append(module)
            continue
        kinds = {
            f"{prefix}{name}": kind
            for name in package.__all__
            if getattr(kind := getattr(package, name), "__module__", "") == module.__name__
        }
        text = inspect.cleandoc(module.__doc__ or "") + "\n"
        text = _LONG_CALL.sub(r"```python\n\1\n```\n\n\2", text)
        shown = _EXAMPLE.sub(
            lambda match: (
                f"{match[1]}:\n\n```{_LANGUAGE[prefix]}\n{dedent(match[2]).strip()}\n```\n\n"
            ),
            text,
        )
        lines = [line for kind in kinds.values() for line in _attributes(kind)]
        fields_of = "\n".join(f"- {line}" for line in dict.fromkeys(lines))
        yield f"## {', '.join(kinds)}\n\n{shown.strip()}\n\n{fields_of}".rstrip()
    for inner in packages:
        yield from _kinds_of(inner)


def dialects_page() -> str:
    """Make docs/triton-dialect.md from the dialects' rules and the recorded figures."""
    entries = read_measured()
    columns = ("kernels", "launched", "functions", "cache_keys")
    rows = [
        "| vLLM | Triton | kernels | launched | functions | `cache_key` |",
        "|---|---" * 3 + "|",
    ]
    for entry in entries:
        figures = [
            f"{count['before']} / {count['after']} / {count['of']}"
            for count in (entry["counts"][name] for name in columns)
        ]
        named = f"{entry['release']} | {entry['triton']}, {', '.join(entry['platforms'])}"
        rows.append(f"| {named} | {' | '.join(figures)} |")
    return page_texts.DIALECTS.format(
        dialects="\n\n".join(_rules_table(name) for name in dialect_names()),
        measured="\n".join(rows),
        stopped="\n\n".join(_stopped(entry) for entry in entries),
    )


def _rules_table(name: str) -> str:
    """Give the rules of a dialect, with their sites on the releases that are measured."""
    dialect = load_dialect(name)
    releases = recorded_releases()
    summary = f"{dialect.summary[:1].upper()}{dialect.summary[1:]}. Sites of each by release:"
    lines = [f"## The dialect {name}", "", summary, ""]
    lines.append(f"| rule | without it | drop it when | {' | '.join(releases)} |")
    lines.append("|---" * (3 + len(releases)) + "|")
    counted = importlib.import_module(dialect_package(name)).COUNTED
    for stem, patch in dialect.patches.items():
        edits_of = counted[stem].edits if stem in counted else ()
        rules = [edit for edit in edits_of if isinstance(edit, CountsSites)]
        sites = [
            str(sum(edit.expected.get(each, 0) for edit in rules))
            if rules
            else "yes" * admits(patch.versions, each)
            for each in releases
        ]
        said = f"{cell(patch.why)} | {cell(patch.drop_when)}"
        lines.append(f"| `{stem}` | {said} | {' | '.join(sites)} |")
    return "\n".join(lines)


def _stopped(entry: dict[str, Any]) -> str:
    """Name what stops kernels of a release with the patches, and those kernels."""
    lines = [f"**{entry['release']}**, Triton {entry['triton']}:", ""]
    for missing in entry["missing"]:
        named = ", ".join(f"`{name}`" for name in (*missing["kernels"], *missing["functions"]))
        lines.append(f"- {missing['feature']}: {named}")
    return "\n".join(lines if entry["missing"] else [*lines, "- nothing"])


def _attributes(kind: type) -> list[str]:
    """Give the attributes of a class's docstring, but for those that all kinds share."""
    _, _, rest = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")
    found: list[str] = []
    for line in dedent(rest.partition("\n\n")[0]).splitlines():
        if line.startswith(" "):
            found[-1] += f" {line.strip()}"
        else:
            name, _, said = line.partition(": ")
            found.append(f"`{name}`: {said}")
    return [line for line in found if not line.startswith("`versions`")]


def cell(text: str) -> str:
    """Fit text into a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    pages = {"settings.md": settings_page(), "edits.md": edits_page()}
    pages["triton-dialect.md"] = dialects_page()
    pages |= {f"platforms/{name}.md": platform_page(name) for name in platform_names()}
    # These are written by hand, but for their tables.
    for table in (windows_table, ascend_table):
        name = f"{table.PLATFORM}.md"
        pages[name] = table.page((ROOT / "docs" / name).read_text(encoding="utf-8"))
    stale = [name for name, text in pages.items() if _differs(name, text)]
    if arguments == ["--check"]:
        for name in stale:
            sys.stdout.write(f"docs/{name} is out of date: run `python docs/generate.py`\n")
        return 1 if stale else 0
    for name in stale:
        path = ROOT / "docs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(pages[name], encoding="utf-8")
        sys.stdout.write(f"wrote docs/{name}\n")
    return 0


def _differs(name: str, text: str) -> bool:
    path = ROOT / "docs" / name
    return not path.exists() or path.read_text(encoding="utf-8") != text


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
