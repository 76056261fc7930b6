"""From a fresh clone to an install, as README.md and docs/index.md have it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.build_hooks.command_line import REPOSITORY
from tests.index.servers import answers, free_port
from tests.wheels.real import real_environment

pytestmark = pytest.mark.index

# The server ends with the script, and is there when it answers.
BEGIN = "set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null' EXIT\n"
WAIT = "until (exec 3<> /dev/tcp/127.0.0.1/{port}) 2> /dev/null; do sleep 0.2; done\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Copy this checkout, with what is not committed yet: it is to be tested, too."""
    root = tmp_path / "clone"
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(words, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (REPOSITORY / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, root / name)
    return root


def blocks_of(page: Path, heading: str) -> list[str]:
    """Give the commands of a section."""
    text = page.read_text(encoding="utf-8").partition(f"## {heading}\n")[2]
    return re.findall(r"```console\n(.*?)```", text.partition("\n## ")[0], re.DOTALL)


def follow(clone: Path, script: str, *first: Path) -> subprocess.CompletedProcess[str]:
    """Run commands in a clone, with another port, and nothing of the server left behind.

    Args:
        clone: the clone.
        script: the commands.
        first: where programs are looked for first; then beside the Python that runs the test.
    """
    port = free_port()
    script = BEGIN + script.replace("8080", str(port))
    waiting = WAIT.format(port=port)
    script = re.sub(r"( &(?: +#.*)?\n)", rf"\1{waiting}", script)
    tools = [*map(str, first), str(Path(sys.executable).parent), os.environ["PATH"]]
    loopback = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=clone,
        env=real_environment(PATH=os.pathsep.join(tools), **loopback),
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not answers(port)
    return done


def test_the_way_of_the_page(clone: Path) -> None:
    blocks = blocks_of(clone / "docs" / "index.md", "From a fresh clone to an install")
    assert len(blocks) == 2
    done = follow(clone, "".join(blocks))
    assert "PASS: 1 file and" in done.stdout
    assert done.stdout.count("Version: 0.33.0+musa") == 1
    assert " + vllm==0.33.0+musa" in done.stderr


def test_the_way_of_the_readme(clone: Path, tmp_path: Path) -> None:
    readme = (clone / "README.md").read_text(encoding="utf-8")
    (first,) = re.findall(r"^pip wheel \. --no-deps -w dist +#.*\n", readme, re.MULTILINE)[:1]
    (block,) = blocks_of(clone / "README.md", "Serve wheels to a fleet")
    # A user's own environment, with a pip as new as it says, and uv beside it.
    venv = tmp_path / "venv"
    begin = f"python -m venv {venv}\npip install --quiet --upgrade pip\n"
    show = "pip show vllm\n"
    block = block.replace("uv pip install", f"{show}VIRTUAL_ENV={venv} uv pip install --reinstall")
    done = follow(clone, begin + first + block + show, venv / "bin")
    assert done.stdout.count("Version: 0.33.0+musa") == 2
    assert " ~ vllm==0.33.0+musa" in done.stderr
