"""What a patched engine generates in a second, beside upstream's own.

    python benchmarks/engine.py ENVIRONMENTS [--rounds N] [--requests N] [--tokens N]

ENVIRONMENTS is what `nox -s e2e` made. Four engines are alive at the same time, and generate the
same in turn, in an order that changes: upstream's, upstream's once more, the patched one with
profiling off, and with profiling on. Each round is compared with upstream's of the same turn: what
else the machine does, it does to both. Upstream's second says how far to trust the other ratios.

Each engine is one process (VLLM_ENABLE_V1_MULTIPROCESSING=0): nothing hides on another core.
The model is as small as can be: a step takes some milliseconds, and what is recorded of it shows.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.engine.environment import Environments  # noqa: E402 - needs the root
from tests.engine.running import Place  # noqa: E402

STOCK, AGAIN, OFF, ON = "stock", "stock, again", "patched, off", "patched, on"
# The aims of the project, checked on the medians of the run.
LEAST = {OFF: 0.99, ON: 0.95}
_PROGRAM = Path(__file__).with_name("engine_rounds.py")


@dataclass(slots=True)
class Engine:
    """An engine that waits for rounds."""

    process: subprocess.Popen[str]
    hears: IO[str]
    says: IO[str]
    log: Path
    rates: list[float] = field(default_factory=list)
    cpu_rates: list[float] = field(default_factory=list)

    def wait_for(self, word: str) -> str:
        """Read what the engine says up to a word; give the rest of its line.

        Raises:
            RuntimeError: it has ended; holds the end of what it said.
        """
        for line in self.says:
            if line.startswith(word):
                return line.removeprefix(word)
        raise RuntimeError(self.log.read_text()[-4000:])

    def generate(self) -> None:
        """Have one round."""
        self.hears.write("\n")
        self.hears.flush()
        took = json.loads(self.wait_for("ROUND"))
        self.rates.append(took["tokens"] / took["wall"])
        self.cpu_rates.append(took["tokens"] / took["cpu"])


def start(environments: Environments, name: str, folder: Path, words: list[str]) -> Engine:
    """Start one engine; it is not ready yet."""
    variables = {"VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
    if name == ON:
        variables["VLLM_ENABLE_PROFILING"] = "1"
    place = Place(
        environments=environments,
        name="patched" if name in LEAST else "stock",
        folder=folder,
        variables=variables,
    )
    folder.mkdir()
    log = folder / "log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [environments.python(place.name), _PROGRAM, environments.models / "llama", *words],
            env=place.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("no pipes")
    return Engine(process, process.stdin, process.stdout, log)


def main() -> int:
    """Measure, print the table, and say whether the aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environments", type=Path)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--requests", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=32)
    options = parser.parse_args()
    environments = Environments(options.environments.resolve())
    words = [str(options.requests), str(options.tokens)]
    with tempfile.TemporaryDirectory() as folder:
        engines: dict[str, Engine] = {}
        try:
            for number, name in enumerate((STOCK, AGAIN, OFF, ON)):
                engines[name] = start(environments, name, Path(folder, str(number)), words)
            for engine in engines.values():
                engine.wait_for("READY")
                engine.generate()
                engine.generate()
            measure(engines, options.rounds)
        finally:
            for engine in engines.values():
                engine.process.kill()
                engine.process.communicate()
    return report(engines, options.rounds)


def measure(engines: dict[str, Engine], rounds: int) -> None:
    """Let the engines generate in turn; forget what they warmed up with."""
    for engine in engines.values():
        engine.rates.clear()
        engine.cpu_rates.clear()
    order = list(engines.values())
    for number in range(rounds):
        first = number % len(order)
        for engine in (*order[first:], *order[:first]):
            engine.generate()


def report(engines: dict[str, Engine], rounds: int) -> int:
    """Print the table; give the exit code."""
    print(f"medians of {rounds} rounds, ratios to upstream's of the same round\n")
    print("| engine | tokens/s | ratio | middle half | ratio by CPU |")
    print("|---|---|---|---|---|")
    stock = engines[STOCK]
    medians = {}
    for name, engine in engines.items():
        ratios = [mine / other for mine, other in zip(engine.rates, stock.rates, strict=True)]
        by_cpu = [
            mine / other for mine, other in zip(engine.cpu_rates, stock.cpu_rates, strict=True)
        ]
        low, medians[name], high = statistics.quantiles(ratios, n=4)
        print(
            f"| {name} | {statistics.median(engine.rates):.0f} | {medians[name]:.3f} "
            f"| {low:.3f} to {high:.3f} | {statistics.median(by_cpu):.3f} |"
        )
    print()
    for name, least in LEAST.items():
        verdict = "PASS" if medians[name] >= least else "FAIL"
        print(f"{verdict}: {name} at least {least}: {medians[name]:.3f}")
    return 0 if all(medians[name] >= least for name, least in LEAST.items()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
