"""The command line: `python -m build_hooks COMMAND`; one module in `commands/` for each command."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from build_hooks import __version__, commands
from build_hooks.errors import UsageError, WheelwrightError, did_you_mean
from build_hooks.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

# A module of these that is missing is a mistake of ours.
_OURS = frozenset({"build_hooks", "transforms"})


def command_names() -> tuple[str, ...]:
    """The names of all commands: the modules in `commands/` without an underscore in front."""
    found = pkgutil.iter_modules(commands.__path__)
    stems = [item.name for item in found if not item.name.startswith("_")]
    return tuple(sorted(stem.replace("_", "-") for stem in stems))


def command_module(name: str) -> ModuleType:
    """Give the module of a command: `triton_report` of `triton-report`."""
    return importlib.import_module(f"build_hooks.commands.{name.replace('-', '_')}")


class _Parser(argparse.ArgumentParser):
    """An argument parser whose failures are ours: a message with the next step, exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, next_step=f"{self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the words after `python -m build_hooks`; None for the process's own.

    Returns:
        The exit code: 0 good, 1 a patch or check failed, 2 wrong use, others by kind of failure.
    """
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except WheelwrightError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in _OURS:
            raise
        missing = UsageError(
            f"the command line needs the package {error.name!r}, which is not installed",
            next_step="pip install --group cli (pip 25.1 or newer), in the repository's folder",
        )
        sys.stderr.write(f"error: {missing}\n")
        return missing.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: nothing was left half-written\n")
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # `... | head` closed the pipe; what is left to write goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


def _run(words: list[str]) -> int:
    names = command_names()
    parser = _Parser(prog="python -m build_hooks", description="Compile patches into vLLM wheels.")
    parser.add_argument("--version", action="version", version=f"vllm-wheelwright {__version__}")
    chosen = next((word for word in words if not word.startswith("-")), None)
    if chosen is not None and chosen not in names:
        raise UsageError(f"no command {chosen!r}{did_you_mean(chosen, names)}")
    subparsers = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    for name in names:
        module = command_module(name)
        summary = (module.__doc__ or "").split("\n", 1)[0]
        subparser = subparsers.add_parser(name, help=summary, description=summary)
        module.add_arguments(subparser)
        subparser.set_defaults(run=module.run)
    options = parser.parse_args(words)
    settings = read_settings(None, os.environ)
    result: int = options.run(options, settings)
    return result


def _terminated(number: int, _: object) -> NoReturn:
    # As for Ctrl-C: half-written files go on the way out.
    raise SystemExit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminated)
    raise SystemExit(main())
