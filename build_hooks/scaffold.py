"""The files that a new patch begins with: its module, its test, and its platform where it is new.

What only an author knows is left empty, and loading says so until it is filled in.
"""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from build_hooks.errors import UsageError, did_you_mean
from build_hooks.lock import read_lock
from build_hooks.output import write_all
from build_hooks.platforms import platform_folder, platform_names, platform_package

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLATFORM_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_PLATFORM = '''\
"""{platform}: say in one line whom this platform is for."""

from transforms.edits import PatchSet

PATCH_SET = PatchSet(name="{platform}", summary="", source="sdist")
'''

_PATCH = '''\
"""Say in one line what the user gains."""

from transforms.edits import Patch, Replace

PATCH = Patch(
    why="",  # the symptom that a user sees without it
    upstream="",  # a link to the change upstream, or why there is none
    drop_when="",  # a condition that somebody, or the tool, can check
    versions=">={release}",  # the releases that it is for (PEP 440)
    edits=[
        Replace(
            inside="",  # dotted path of the module, class or function to change
            find="",  # a pattern: $x binds an expression, $$x arguments or statements
            replace="",
        ),
    ],
)
'''

_TEST = '''\
"""Say in one line what the user gains."""

from __future__ import annotations

from textwrap import dedent

from tests.transforms.platforms.excerpts import patched, run, status_on
from transforms.engine.outcome import Status
from {package}.{name} import PATCH

RELEASE = "{release}"
MODULE = ""  # the dotted module that is changed
BEFORE = """
"""
AFTER = """
"""


def test_it_changes_what_it_is_for() -> None:
    assert patched(PATCH, RELEASE, MODULE, BEFORE) == dedent(AFTER)


def test_what_it_writes_does_what_it_must() -> None:
    names = run(patched(PATCH, RELEASE, MODULE, BEFORE))
    raise AssertionError(f"call what was changed, and compare: {{sorted(vars(names))}}")


def test_it_is_not_for_releases_before() -> None:
    assert status_on(PATCH, "0.9.2") is Status.EXCLUDED
'''


def scaffold(platform: str, name: str, *, create: bool) -> list[Path]:
    """Write the files of a new patch.

    Args:
        platform: the platform that it belongs to.
        name: the patch's name: the stem of its file.
        create: make the platform, too.

    Returns:
        The files that were written.

    Raises:
        UsageError: a name cannot be one, the patch exists, or the platform does not.
        OutputError: a file cannot be written.
    """
    _require_platform_name(platform)
    require_name(name)
    known = platform_names()
    if platform not in known and not create:
        raise UsageError(
            f"no platform {platform!r}{did_you_mean(platform, known)}",
            next_step="--create makes a new one",
        )
    if platform in known and create:
        raise UsageError(f"the platform {platform!r} exists", next_step="leave out --create")
    folder, tests = patch_folders(platform)
    values = {
        "platform": platform,
        "package": platform_package(platform),
        "name": name,
        "release": read_lock().default_release,
    }
    files = {
        **({folder / "__init__.py": _PLATFORM} if create else {}),
        folder / f"{name}.py": _PATCH,
        tests / f"test_{name}.py": _TEST,
    }
    require_absent(files)
    write_all({path: text.format(**values).encode() for path, text in files.items()})
    return list(files)


def require_name(word: str) -> None:
    """Refuse what cannot name a module.

    Raises:
        UsageError: it is no lower-case identifier.
    """
    if not _NAME.fullmatch(word) or keyword.iskeyword(word):
        raise UsageError(f"{word!r} is no name: lower-case letters, digits and underscores")


def _require_platform_name(word: str) -> None:
    """Refuse what cannot name a platform: its package has underscores where it has hyphens."""
    if not _PLATFORM_NAME.fullmatch(word) or keyword.iskeyword(word):
        raise UsageError(f"{word!r} is no name: lower-case letters, digits and single hyphens")


def patch_folders(platform: str) -> tuple[Path, Path]:
    """Give the folders of a platform's patches and of their tests."""
    folder = platform_folder(platform)
    return folder, folder.parents[2] / "tests" / folder.relative_to(folder.parents[2])


def require_absent(paths: Iterable[Path]) -> None:
    """Refuse to write over a file.

    Raises:
        UsageError: one of the files exists.
    """
    for path in paths:
        if path.exists():
            raise UsageError(f"{path} exists", next_step="choose another name, or edit that file")
