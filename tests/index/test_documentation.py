"""docs/index.md, from a fresh clone to an install, as it is written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import REPOSITORY
from tests.index.servers import answers, free_port
from tests.wheels.real import real_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.index

# The server is there when it answers; and it ends with the script, not with the test.
BEGIN = "set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null' EXIT\n"
WAIT = "until curl -sfo /dev/null {url}; do sleep 0.2; done\n"


def test_the_way_from_a_fresh_clone_to_an_install(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    # What is not committed yet is what is to be tested, too.
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, files.split("\0")):
        if (REPOSITORY / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, clone / name)
    page = (clone / "docs" / "index.md").read_text(encoding="utf-8")
    section = page.partition("## From a fresh clone")[2].partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    assert len(blocks) == 2
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    script = BEGIN + "".join(blocks).replace("8080", str(port))
    script = script.replace("&\n", f"&\n{WAIT.format(url=url)}")
    # `python` is the one that runs the test, and pip and uv are configured as it is.
    tools = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])  # noqa: PTH120 - no resolving
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=clone,
        env=real_environment(PATH=tools, NO_PROXY="127.0.0.1", no_proxy="127.0.0.1"),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASS: 1 files" in done.stdout
    assert done.stdout.count("Version: 0.33.0+musa") == 1
    assert " + vllm==0.33.0+musa" in done.stderr
    assert not answers(port)
