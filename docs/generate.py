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
from docs import ascend_table, windows_table  # noqa: E402
from transforms import edits  # noqa: E402
from transforms.engine.expected import CountsSites  # noqa: E402
from transforms.engine.patch import admits  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_SETTINGS = """\
# Settings

Made by `python docs/generate.py`. A key goes to any PEP 517 front end, as in
`pip wheel . -C vllm=0.28.0`, or stands in the environment; `-C` wins. Names are joined by `,`.
An unknown key or value is an error that names the closest.

| `-C` key | environment | default | what it sets |
|---|---|---|---|
{rows}

Without `vllm`, the release is the lock's `default-release`. Where the lock does not hold that
release of the distribution, in the kind of file that is built from, it is the newest that it holds.

Platforms whose own kinds of source differ are built from the sdist; `source` says otherwise for all
of them. A wheel that is built from an sdist has no compiled extensions, one that is built from a
wheel is upstream's with some files changed: its requirements, tags and extensions stay.

Whether a front end asks for a wheel or an sdist is its own word (`uv build --wheel`, `--sdist`). An
sdist is made from upstream's sdist, whatever the platform; `build` of the command line makes what
the platform is built to, which is an sdist where native sources change, or what `--wheel` or
`--sdist` says.

A plugin is read, never imported, and is fetched by its name from the index as vLLM is, verified by
the hash in `vendored/plugins.lock.toml`. `define` joins what the lock says of it, name by name;
`root` takes the place of the lock's. A patch of a platform that says what it `replaces` counts
before the plugin's own way; `only` and `skip` take the names of the plugin's patches too, e.g.
`vllm_ascend/kv_cache_utils`. Where no platform is named, none is built for: the version is labelled
with the plugin's package, and where the lock holds no sdist of the release, its wheel is read.

Without `index`, the index is the one that pip or uv are configured with in the environment and in
configuration files, else the index client's own default. One that is named on pip's or uv's own
command line cannot be seen by a build backend. Credentials come from netrc or keyring.
`SOURCE_DATE_EPOCH` sets the time of all members; its default is the artifact's own time.
"""

_PLATFORM = """\
# The {name} platform

{summary}. Made by `python docs/generate.py` from the patches themselves;
`python -m build_hooks check -p {name} --vllm all -v` says what becomes of each on every release.

| patch | releases | without it | upstream | drop it when |
|---|---|---|---|---|
{rows}
"""

_EDITS = """\
# The kinds of edit

Made by `python docs/generate.py` from the docstrings of `transforms/edits/`, whose examples the
tests run. `inside` is a dotted path; `$x` binds an expression or a name, `$$x` any number of
arguments or statements; `count` is exact. Every kind also takes `versions`, the releases that it
is for. [writing-a-patch.md](writing-a-patch.md) begins at the beginning.

The kinds that begin with `cpp.` and `cmake.` are for native sources, after `from transforms.edits
import cmake, cpp`. They name a file in `path`; their `inside`, a definition in that file, may be
left out.

{sections}
"""
_DIALECTS = """\
# Dialects of Triton

Made by `python docs/generate.py` from the rules, from the reviewed numbers of their sites, and
from `docs/triton-measured.json`, which `python -m build_hooks triton-report --record` writes.

vLLM's kernels are written for the newest Triton. A vendor's Triton is often a fork of an older
one: it stops at syntax, names and arguments that came later, and a kernel's launch stops already
at such a name in a branch that is never taken. A *dialect* says, as data, what one line of Triton
lacks; which rules rewrite the kernels of a release follows from it. Rules act inside functions
that Triton compiles, found by where their decorator comes from, never by how it is spelled.

A platform takes a dialect over with all of its patches, beside its own:

```python
PATCH_SET = PatchSet(name="musa", summary="...", source="sdist", dialect="triton-3.1")
```

Where a rewrite can be valid for every Triton, it is: on a newer one the rewritten kernel compiles
to the same code as upstream's. What an old line lacks by name stands in
`vllm/wheelwright_triton.py`, which such a wheel carries: Triton's own object where there is one,
else a kernel that gives equal results, else a function that says what is missing when a kernel
really calls it.

## What a fork makes of a release

    python -m build_hooks triton-report --vllm 0.33.0 --triton 3.1.0
    python -m build_hooks triton-report --vllm 0.33.0 --python /path/to/python --html report.html

`--triton` puts that release of Triton into an environment in the cache (it needs a Python for
which there are wheels of it); `--python` takes an interpreter that has a Triton already, a fork of
your own included. No GPU is needed: kernels are compiled to TTIR, Triton's own intermediate code,
for `cuda:90:32` or what `--target` says. The configurations that a kernel is compiled with (types
of its arguments, values of its constants) are recorded in `vendored/triton/`; a release without
recorded ones takes those of the nearest releases for kernels with the same name and parameters.
The exit code is 1 if the patches take anything away. `--json` is described by
`docs/schemas/triton-report.schema.json`.

## Adding a dialect

1. Describe the line in `transforms/rules/triton/dialect.py`: a `Dialect` with what it lacks. A
   construct that no rule knows needs a rule: a module beside it, an entry in `rules.py`, examples
   in its docstring.
2. Make a package of its name in `transforms/dialects/` (`triton_3_1` for `triton-3.1`), like the
   one that is there, and let `python -m build_hooks expect -p NAME` count the sites, for a person
   to review in the diff.
3. Name it in a platform, and look at `triton-report` with that Triton.

{dialects}

## What stays different on Triton 3.1

Found by holding the IR of 868 configurations on 3.1.0 against 3.9.0; no rule can mend these.

- A Python number beside a narrow integer widens it (int8, uint8 and int16 become int32); newer
  Tritons keep the narrow type since 3.2.0. In the kernels of 0.33.0 that were read, what is stored
  is cut to its width, so the result is the same; where the bits are used, `triton_bitcasts` acts.
- `tl.rand` with 64-bit offsets gives other random numbers, as uniform (`diffusion_gemma`).
- `tl.sort` turns infinities into NaN; the sites that were read in 0.33.0 sort wide integers.
- `%` of floats is floored; sums and maxima of bfloat16 are float32.
- Of `x and C` with a constexpr `C` on the right, 3.1 still compiles the branch.
- libdevice always flushes denormals: `enable_reflect_ftz=False` cannot be had.
- On newer Tritons, a wheel of this dialect leaves out the hints of `tl.range` (`flatten`,
  `loop_unroll_factor`, ...): three kernels of 0.33.0 get other loops there, with equal results.
- Modules that hold Gluon kernels only (`inkling/amd/ops/gluon`) cannot be imported, and say so;
  upstream imports them lazily. Host code for tensor descriptors asks for a Triton that has them.

## What was measured

On upstream's tree / with the patches / of how many. A kernel is *launched* if it also has a
`cache_key`, which Triton computes from its source before it compiles; functions are those that
some kernel was compiled with. Each is compiled by itself: that such a Triton cannot import
`vllm.triton_utils` of 0.28.0 and later at all without the patches is left aside here.

{measured}

### What still stops

{stopped}
"""
# A call of several lines, which no code span can show.
_LONG_CALL = re.compile(r"^`([A-Z]\w+\([^`]*\n[^`]*)`\s(gives)", re.MULTILINE)
_LANGUAGE = {"": "python", "cmake.": "cmake", "cpp.": "cpp"}
# The examples of a docstring: a label, or a call with what it gives, and code behind it.
_EXAMPLE = re.compile(r"^(.*)::\n\n((?:    .*\n|\n)+)", re.MULTILINE)

_DEFAULTS = {
    "platform": "`musa`, none with `plugin`",
    "vllm": "the lock's, see below",
    "source": "the platform's own",
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
    return _SETTINGS.format(rows="\n".join(rows))


def platform_page(name: str) -> str:
    """Make a platform's page from its patches."""
    platform = load_platform(name)
    rows = [
        f"| `{stem}` | `{patch.versions}` | {cell(patch.why)} | {cell(patch.upstream)} "
        f"| {cell(patch.drop_when)} |"
        for stem, patch in platform.patches.items()
    ]
    summary = platform.summary[:1].upper() + platform.summary[1:]
    return _PLATFORM.format(name=name, summary=summary, rows="\n".join(rows))


def edits_page() -> str:
    """Make docs/edits.md from the docstrings of the kinds of edit."""
    return _EDITS.format(sections="\n\n".join(_kinds_of(edits)))


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
    return _DIALECTS.format(
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
