"""Write the documentation that follows from code; `--check` only says whether it is up to date.

Run from the root of the repository: `python docs/generate.py [--check]`.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from build_hooks.platforms import load_platform, platform_names  # noqa: E402 - needs the root
from build_hooks.settings import Settings, environment_name  # noqa: E402

_SETTINGS = """\
# Settings

Made by `python docs/generate.py`. A key goes to any PEP 517 front end, as in
`pip wheel . -C vllm=0.28.0`, or stands in the environment; `-C` wins. Names are joined by `,`.
An unknown key or value is an error that names the closest.

| `-C` key | environment | default | what it sets |
|---|---|---|---|
{rows}

Without `index`, the index is the one that pip or uv are configured with in the environment and in
configuration files, else the index client's own default. One that is named on pip's or uv's own
command line cannot be seen by a build backend. Credentials come from netrc or keyring.
`SOURCE_DATE_EPOCH` sets the time of the wheel's members; its default is the artifact's own time.
"""

_PLATFORM = """\
# The {name} platform

{summary}. Made by `python docs/generate.py` from the patches themselves;
`python -m build_hooks check -p {name} --vllm all -v` says what becomes of each on every release.

| patch | releases | without it | upstream | drop it when |
|---|---|---|---|---|
{rows}
"""

_DEFAULTS = {"platform": "`musa`", "vllm": "the lock's", "source": "the platform's own"}


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
    return _PLATFORM.format(name=name, summary=platform.summary, rows="\n".join(rows))


def cell(text: str) -> str:
    """Fit text into a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    pages = {"settings.md": settings_page()}
    pages |= {f"{name}.md": platform_page(name) for name in platform_names()}
    stale = [name for name, text in pages.items() if _differs(name, text)]
    if arguments == ["--check"]:
        for name in stale:
            sys.stdout.write(f"docs/{name} is out of date: run `python docs/generate.py`\n")
        return 1 if stale else 0
    for name in stale:
        (ROOT / "docs" / name).write_text(pages[name], encoding="utf-8")
        sys.stdout.write(f"wrote docs/{name}\n")
    return 0


def _differs(name: str, text: str) -> bool:
    path = ROOT / "docs" / name
    return not path.exists() or path.read_text(encoding="utf-8") != text


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
