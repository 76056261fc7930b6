# SPDX-License-Identifier: Apache-2.0
"""Find the patches of this vLLM that make a command fail, by running it with some of them off.

The command fails where it ends with another exit code than 0, or takes longer than `--timeout`; 125
says that it cannot tell, and ends the search. It must import this vLLM. All that it starts is ended
after each run. Exit codes: 0 found, 1 no patch makes it fail, 2 wrong use, 5 a run tells nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .bisecting import Found, Verdict, search
from .choosing import chosen, read_names
from .running import Run, RunError, Runner

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA = 1
EXIT_FOUND, EXIT_NONE, EXIT_USAGE, EXIT_NO_RESULT = 0, 1, 2, 5


def main(words: Sequence[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m vllm.wheelwright bisect",
        description=(__doc__ or "").split("\n", 1)[0],
        epilog="Patches that are off already, by the environment, stay off.",
    )
    parser.add_argument("--json", action="store_true", help="write JSON to standard output")
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="a run that is longer fails"
    )
    parser.add_argument("command", nargs="+", metavar="-- COMMAND", help="what fails")
    own, dashes, command = _divided(words)
    options = parser.parse_args([*own, *dashes, *command])
    names = read_names(Path(__file__).resolve().parent)
    made = chosen(names, os.environ)
    for warning in made.warnings:
        _say(f"warning: {warning}")
    runner = Runner(options.command, names, made.off, options.timeout)
    candidates = {name: list(names.patches[name]) for name in made.on}
    found, problem = None, ""
    try:
        found = search(candidates, lambda on: not _shown(runner, on, len(candidates)).passed)
    except RunError as error:
        problem = str(error)
    except KeyboardInterrupt:
        _say("interrupted")
        return 128 + signal.SIGINT
    if options.json:
        print(json.dumps(_document(runner, found, problem), indent=1, ensure_ascii=False))
    elif found:
        print(_sentence(found, len(runner.runs), len(candidates)))
    if problem:
        _say(f"error: {problem}")
        return EXIT_NO_RESULT
    return EXIT_FOUND if found and found.culprits else EXIT_NONE


def _divided(words: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Divide what is ours from the command: at the first `--`."""
    listed = list(words)
    if "--" not in listed:
        return listed, [], []
    at = listed.index("--")
    return listed[:at], ["--"], listed[at + 1 :]


def _shown(runner: Runner, on: frozenset[str], count: int) -> Run:
    """Run the command once, and say how it ended."""
    number = len(runner.runs) + 1
    names = ", ".join(sorted(on)) or "upstream's code"
    _say(f"run {number}: {len(on)} of {count} patches on: {names}")
    done = runner.run(on)
    code = "took too long" if done.exit is None else f"exit {done.exit}"
    _say(f"run {number}: {'passes' if done.passed else 'FAILS'} ({code}, {done.seconds:.1f} s)")
    return done


def _document(runner: Runner, found: Found | None, problem: str) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "command": "bisect",
        "verdict": found.verdict.value if found else None,
        "patches": list(found.culprits) if found else [],
        "needed": list(found.needed) if found else [],
        "problem": problem,
        "runs": [{**run._asdict(), "passed": run.passed} for run in runner.runs],
    }


def _sentence(found: Found, runs: int, count: int) -> str:
    """Say what was found, and how the environment can do without it."""
    after = f"({runs} runs, {count} patches)"
    if found.verdict is Verdict.PASSES:
        return f"NONE: the command passes with all patches on {after}"
    if found.verdict is Verdict.FAILS_WITHOUT:
        return f"NONE: the command fails with upstream's code, too {after}"
    names = " and ".join(found.culprits)
    needed = f", with {', '.join(found.needed)} that it needs" if found.needed else ""
    how = (
        "fails with it alone" if found.verdict is Verdict.ONE else "fails with these together only"
    )
    disable = f"VLLM_WHEELWRIGHT_DISABLE={found.culprits[-1]}"
    return f"FOUND: {names}: the command {how}{needed} {after}\nnext: {disable} runs without it"


def _say(line: str) -> None:
    sys.stderr.write(f"bisect: {line}\n")
    sys.stderr.flush()
