"""docs/writing-a-patch.md is true: its files are written, its commands print what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import REPOSITORY
from tests.upstream.pages import assert_printed, follow

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.upstream

_PAGE = REPOSITORY / "docs" / "writing-a-patch.md"


def test_every_step_does_what_the_page_says(tmp_path: Path) -> None:
    page = _PAGE.read_text(encoding="utf-8")
    assert follow(page, tmp_path, "tests/transforms/platforms", "README.md") >= 12
    assert (tmp_path / "tree" / "vllm").is_dir()


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n...\n", "a\nb\nc\n", True),
        ("...\nc\n", "a\nb\nc\n", True),
        ("wrote .../x.py\n", "wrote /y/x.py\n", True),
        ("wrote .../x.py\n", "wrote /y\n/x.py\n", False),
    ],
)
def test_the_comparison_is_one(shown: str, printed: str, same: bool) -> None:  # noqa: FBT001 - a parameter
    if same:
        assert_printed(shown, printed, "")
    else:
        with pytest.raises(AssertionError):
            assert_printed(shown, printed, "")
