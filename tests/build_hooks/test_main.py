"""The command line: what it takes, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from build_hooks import __version__, commands
from build_hooks.__main__ import command_names, main
from tests.build_hooks.command_line import REPOSITORY, assert_clean_failure, environment, run

NAMES = sorted(path.stem.replace("_", "-") for path in Path(commands.__path__[0]).glob("[a-z]*.py"))


def test_every_module_in_commands_is_a_command() -> None:
    assert list(command_names()) == NAMES
    assert {"build", "check", "diff", "list", "lock", "show", "verify"} <= set(NAMES)


def test_help_names_every_command_with_what_it_does() -> None:
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    for item in pkgutil.iter_modules(commands.__path__):
        if not item.name.startswith("_"):
            module = __import__(f"build_hooks.commands.{item.name}", fromlist=["run"])
            assert " ".join((module.__doc__ or "").partition("\n")[0].split()) in text


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_and_writes_json(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: python -m build_hooks {name} ")
    # These two have commands of their own below them, each with its options.
    assert "--json" in text or name in {"lock", "index"}


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"vllm-wheelwright {__version__}\n")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "required"),
        (["biuld"], "no command 'biuld' (did you mean 'build'?)"),
        (["frobnicate"], "no command 'frobnicate' (known: apply, build, "),
        (["check", "--vlm", "0.33.0"], "--vlm"),
        (["list", "--jsn"], "--jsn"),
        (["build", "-o"], "-o"),
    ],
)
def test_wrong_use_is_one_message_and_exit_code_2(words: list[str], why: str) -> None:
    assert why in assert_clean_failure(run(*words), 2)


def test_a_wrong_variable_is_named() -> None:
    done = run("list", env=environment(VLLM_WHEELWRIGHT_PLATFROM="musa"))
    message = assert_clean_failure(done, 2)
    assert "VLLM_WHEELWRIGHT_PLATFROM is unknown (did you mean 'platform'?)" in message


def test_a_variable_sets_what_no_option_does(sdist: Path) -> None:
    env = environment(VLLM_WHEELWRIGHT_SOURCE=str(sdist), VLLM_WHEELWRIGHT_VLLM="0.14.1")
    message = assert_clean_failure(run("check", env=env), 2)
    assert "0.14.1 is asked for" in message


def test_a_pipe_that_closes_early_is_no_failure_with_a_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "build_hooks", "list", "--json"],
            cwd=REPOSITORY,
            env=environment(PYTHONUNBUFFERED="1"),
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, "")


def test_output_is_the_same_in_every_locale(sdist: Path) -> None:
    words = ("check", "--source", sdist, "--only", "musa/platform_is_musa", "--json")
    plain = run(*words, env=environment(LC_ALL="C", PYTHONHASHSEED="1"))
    other = run(*words, env=environment(LC_ALL="C.UTF-8", PYTHONHASHSEED="2"))
    assert plain.returncode == other.returncode == 0
    assert json.loads(plain.stdout) == json.loads(other.stdout)


def test_a_package_that_is_missing_is_named_with_the_way_to_install_it() -> None:
    # Without site-packages, as in an environment that nobody has prepared.
    command = [sys.executable, "-S", "-m", "build_hooks", "list"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    message = assert_clean_failure(done, 2)
    assert "needs the package 'packaging', which is not installed" in message
    assert "next: pip install --group cli" in message
