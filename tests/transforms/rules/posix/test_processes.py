"""Process groups and forks: as POSIX has them, or what comes closest on Windows."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from tests.transforms.rules.posix.conftest import RuleTester, run_on
from transforms.rules.posix.fork_contexts import RULE as FORK_CONTEXTS
from transforms.rules.posix.process_groups import RULE as PROCESS_GROUPS

_OURS = SimpleNamespace(killpg=lambda *args: ("ours", *args), getpgid=lambda pid: f"group of {pid}")
_VLLM = SimpleNamespace(wheelwright_windows=_OURS)


@pytest.fixture
def groups() -> RuleTester:
    return RuleTester(PROCESS_GROUPS)


@pytest.fixture
def forks() -> RuleTester:
    return RuleTester(FORK_CONTEXTS)


@pytest.mark.parametrize("name", ["os", "o"])
def test_a_group_is_ended_by_the_function_that_knows_windows(groups: RuleTester, name: str) -> None:
    before = f"import os as {name}\nfound = {name}.killpg({name}.getpgid(7), 15)\n"
    after = groups.changed(before)
    assert groups.apply(after) == (after, None)
    assert run_on("windows", after, {"vllm": _VLLM})["found"] == ("ours", "group of 7", 15)
    with pytest.raises(AttributeError, match="killpg"):
        run_on("windows", before)


@pytest.mark.parametrize("function", ["setpgrp()", "setsid()", "register_at_fork(before=f)"])
def test_what_only_sets_something_is_left_out(groups: RuleTester, function: str) -> None:
    before = f"import os\ndone = []\nos.{function}\ndone.append(1)\n"
    after = groups.changed(before)
    name = function.partition("(")[0]
    called: list[str] = []
    posix = SimpleNamespace(**{name: lambda **_: called.append(name)})
    run_on("posix", after, {"os": posix}, f=print)
    assert called == [name]
    assert run_on("windows", after, f=print)["done"] == [1]
    with pytest.raises(AttributeError, match=name):
        run_on("windows", before, f=print)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os\npid = os.fork()\n", "takes the place of os.fork"),
        ("import os\nsession = os.setsid()\n", "takes the place of os.setsid"),
        ("import os\nend = os.killpg\n", "takes the place of os.killpg"),
        ("import os\nPopen(cmd, preexec_fn=os.setsid)\n", "preexec_fn"),
        ("import os\nif x: os.setpgrp()\n", "shares its line"),
    ],
)
def test_refuses_what_has_no_counterpart(groups: RuleTester, code: str, reason: str) -> None:
    groups.assert_refused(code, reason)


@pytest.mark.parametrize(
    "code",
    [
        "import os\nif hasattr(os, 'setpgrp'):\n    os.setpgrp()\n",
        "import os\nPopen(cmd, preexec_fn=None)\n",
        "import os\nos.kill(os.getpid(), 15)\n",
        "from vllm import os\nos.killpg(1, 2)\n",
    ],
)
def test_leaves_other_processes_alone(groups: RuleTester, code: str) -> None:
    groups.assert_untouched(code)


@pytest.mark.parametrize(
    "call",
    [
        'multiprocessing.get_context("fork")',
        "multiprocessing.get_context(method='fork')",
        'multiprocessing.set_start_method("fork", force=True)',
        'm.get_context("fork")',
        'torch.multiprocessing.get_context("fork")',
        'x(\n    multiprocessing.get_context("fork")\n)',
    ],
)
def test_fork_where_it_can_be_and_spawn_where_it_cannot(forks: RuleTester, call: str) -> None:
    imports = "import multiprocessing\nimport multiprocessing as m\nimport torch\n"
    before = f"{imports}found = {call}\n"
    after = forks.changed(before)
    assert forks.apply(after) == (after, None)

    def asked(code: str, methods: list[str]) -> object:
        def get(method: str, *, force: bool = False) -> tuple[str, bool]:
            if method not in methods:
                raise ValueError(f"cannot find context for {method!r}")
            return method, force

        module = SimpleNamespace(
            get_context=get, set_start_method=get, get_all_start_methods=lambda: methods
        )
        modules = {"multiprocessing": module, "torch": SimpleNamespace(multiprocessing=module)}
        found: tuple[str, bool] = run_on("posix", code, modules, x=lambda y: y)["found"]
        return found[0]

    posix, windows = ["fork", "spawn", "forkserver"], ["spawn"]
    assert asked(before, posix) == asked(after, posix) == "fork"
    assert asked(after, windows) == "spawn"
    with pytest.raises(ValueError, match="cannot find context"):
        asked(before, windows)


def test_a_long_line_is_broken_as_its_brackets_allow(forks: RuleTester) -> None:
    after = forks.changed('import multiprocessing\ncontext = multiprocessing.get_context("fork")\n')
    assert max(map(len, after.splitlines())) <= 88


@pytest.mark.parametrize(
    "code",
    [
        "import multiprocessing\nmultiprocessing.get_context('spawn')\n",
        "import multiprocessing\nmultiprocessing.set_start_method('forkserver')\n",
        "import multiprocessing\nmultiprocessing.get_context(method)  # fork\n",
        "import vllm.multiprocessing as multiprocessing\nmultiprocessing.get_context('fork')\n",
        (
            "import multiprocessing\ntry:\n    multiprocessing.get_context('fork')\n"
            "except ValueError:\n    pass\n"
        ),
    ],
)
def test_leaves_other_contexts_alone(forks: RuleTester, code: str) -> None:
    forks.assert_untouched(code)


def test_refuses_a_context_of_no_module(forks: RuleTester) -> None:
    forks.assert_refused(
        "from multiprocessing import get_context\nget_context('fork')\n", "say `multiprocessing.`"
    )


def test_this_machine_can_fork() -> None:
    """Or half of these tests would say nothing."""
    assert hasattr(os, "fork")
