"""What the project says of itself in more than one place is the same in all of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
import tomli

from build_hooks.platforms import platform_names
from transforms import edits

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_generated_documentation_is_up_to_date() -> None:
    command = [sys.executable, "docs/generate.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_command_line_needs_what_a_build_needs() -> None:
    needed = set(PYPROJECT["build-system"]["requires"])
    assert needed < set(PYPROJECT["dependency-groups"]["cli"])


PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_page_that_is_linked_to_exists(page: Path) -> None:
    text = re.sub(r"(?ms)^```.*?^```|`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    inside = [link for link in links if link and "://" not in link]
    assert [link for link in inside if not (page.parent / link).exists()] == []


def test_every_platform_is_in_the_readme_with_its_page() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = list((ROOT / "docs" / "platforms").glob("*.md"))
    assert sorted(page.stem for page in pages) == list(platform_names())
    assert [page.name for page in pages if f"(docs/platforms/{page.name})" not in text] == []


def test_every_kind_of_edit_is_used_on_real_code() -> None:
    """By a patch of a platform, or in the tests that hold the language against real releases."""
    files = [
        *(ROOT / "transforms" / "platforms").rglob("*.py"),
        *(ROOT / "transforms" / "common").rglob("*.py"),
        *(ROOT / "transforms" / "dialects").rglob("*.py"),
        *(ROOT / "tests" / "upstream").rglob("*.py"),
        *(ROOT / "tests" / "windows").rglob("*.py"),
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    kinds = {kind for kind in _kinds(edits) if kind not in {"Patch", "PatchSet"}}
    assert {kind for kind in kinds if f"{kind}(" not in text} == set()
    assert {"Replace", "cpp.Replace", "cmake.Replace"} < kinds
    assert len(kinds) >= 28


def _kinds(package: ModuleType) -> Iterator[str]:
    """Give what a patch module writes for each kind of edit of a package."""
    for name in package.__all__:
        item = getattr(package, name)
        if isinstance(item, ModuleType):
            yield from (f"{name}.{kind}" for kind in _kinds(item))
        elif isinstance(item, type):
            yield name
