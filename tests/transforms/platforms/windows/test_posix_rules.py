"""Each rule for what only POSIX has acts on vLLM's own Python, as often as was reviewed."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from tests.transforms.platforms.excerpts import status_on
from tests.transforms.platforms.windows.rule_patches import outcome_of, patched, reviewed
from tests.transforms.trees import MemoryTree
from transforms.edits import ApplyRule
from transforms.engine.apply import apply_sites
from transforms.engine.match import match_patches
from transforms.engine.outcome import Status
from transforms.engine.patch import admits
from transforms.platforms.windows._expected import EXPECTED

if TYPE_CHECKING:
    from transforms.edits import Patch

# An excerpt of upstream's code, cut down to the construct; its sites, with an import that it needs;
# and the sites of the oldest and the newest release, as counted by hand.
_CASES = {
    "posix_absent_signals": ("import signal\nsignal.signal(signal.SIGTSTP, h)\n", 1, 1, 2),
    "posix_fork_contexts": ("import multiprocessing as m\nc = m.get_context('fork')\n", 1, 1, 1),
    "posix_gloo_backends": (
        "import torch\ng = torch.distributed.new_group([0], backend='gloo')\n",
        *(2, 3, 5),
    ),
    "posix_ipc_paths": ("import os\nx = f'ipc://{base}/lookup'\n", 2, None, 2),
    "posix_kill_signal": ("import os, signal\nos.kill(pid, signal.SIGKILL)\n", 1, 3, 3),
    "posix_optional_imports": ("import uvloop\nuvloop.run(main())\n", 1, 5, 10),
    "posix_process_groups": ("import os\nos.killpg(os.getpgid(pid), 15)\n", 3, 3, 4),
    "posix_reuse_port": ("import socket\ns.setsockopt(1, socket.SO_REUSEPORT, 1)\n", 1, 1, 1),
    "posix_signal_handlers": ("import os\nloop.add_signal_handler(15, stop)\n", 2, 5, 7),
    "posix_unix_sockets": ("import socket\ns = socket.socket(socket.AF_UNIX)\n", 1, 1, 3),
}
_FOLDERS = ("vllm/utils/a.py", "vllm/snapshot/a.py", "tests/a.py", "benchmarks/a.py", "setup.py")


def patch_of(stem: str) -> Patch:
    patch: Patch = import_module(f"transforms.platforms.windows.{stem}").PATCH
    return patch


@pytest.mark.parametrize("stem", _CASES)
def test_acts_on_the_package_and_leaves_linux_only_parts_and_tests_alone(stem: str) -> None:
    code, sites, *_ = _CASES[stem]
    files = patched(patch_of(stem), "0.33.0", dict.fromkeys(_FOLDERS, code), sites)
    assert list(files) == ["vllm/utils/a.py"]
    compile(files["vllm/utils/a.py"], stem, "exec")
    again, _ = outcome_of(patch_of(stem), "0.33.0", files, 0)
    assert not again.sites


@pytest.mark.parametrize("stem", _CASES)
def test_another_number_of_sites_is_drift(stem: str) -> None:
    code, sites, *_ = _CASES[stem]
    outcome, _ = outcome_of(patch_of(stem), "0.33.0", {"vllm/a.py": code}, sites + 1)
    assert outcome.status is Status.DRIFTED


@pytest.mark.parametrize("stem", _CASES)
def test_the_numbers_are_those_that_a_person_counts(stem: str) -> None:
    _, _, oldest, newest = _CASES[stem]
    patch = patch_of(stem)
    assert reviewed(patch, "0.33.0") == newest
    if oldest is None:
        assert status_on(patch, "0.14.1") is Status.EXCLUDED
    else:
        assert reviewed(patch, "0.14.1") == oldest
    assert status_on(patch, "0.14.0") is Status.EXCLUDED


@pytest.mark.parametrize("stem", _CASES)
def test_a_release_has_sites_if_and_only_if_the_patch_is_for_it(stem: str) -> None:
    patch = patch_of(stem)
    for release, count in EXPECTED[stem].items():
        assert bool(count) is admits(patch.versions, release), release


def test_two_patches_that_need_the_import_write_it_once() -> None:
    code = "import os\nloop.add_signal_handler(15, stop)\nos.killpg(os.getpgid(pid), 15)\n"
    patches = {}
    for stem, sites in (("posix_signal_handlers", 2), ("posix_process_groups", 3)):
        (edit,) = patch_of(stem).edits
        assert isinstance(edit, ApplyRule)
        counted = replace(edit, expected={"0.33.0": sites})
        patches[f"windows/{stem}"] = replace(patch_of(stem), edits=[counted])
    tree = MemoryTree.of({"vllm/a.py": code.encode()})
    outcomes = match_patches(patches, tree, "0.33.0")
    assert [one.status for one in outcomes] == [Status.APPLIED] * 2
    (file,) = apply_sites(outcomes, tree)
    assert file.after.decode().count("from vllm import wheelwright_windows\n") == 1


def test_a_refusal_stops_the_build() -> None:
    code = "import os\npid = os.fork()\n"
    outcome, _ = outcome_of(patch_of("posix_process_groups"), "0.33.0", {"vllm/a.py": code}, 0)
    assert outcome.status is Status.DRIFTED
    assert "os.fork" in outcome.problems[0][1].reason
