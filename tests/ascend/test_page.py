"""The tables of docs/ascend.md are those of the plugin that the lock holds."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.build_hooks.command_line import REPOSITORY

pytestmark = pytest.mark.ascend


def test_the_tables_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/ascend_mutations.py", "--check"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
