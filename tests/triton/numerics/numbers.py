"""The runs that the tests share: each once, and side by side."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from tests.triton.numerics.damage import IN_KERNELS, IN_STAND_INS, make_damaged_tree
from tests.triton.numerics.interpretation import Interpretation, interpret
from tests.triton.release import OLD, REFERENCES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.triton.trees import Trees

RELEASE = "0.33.0"
NEW = REFERENCES[RELEASE]
SIDE_BY_SIDE = 2


class Numbers:
    """What the cases come to, by tree and Triton."""

    def __init__(self, trees: Trees, folder: Path) -> None:
        """Start all runs."""
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE)
        self._running: dict[tuple[str, str], Future[Interpretation]] = {}
        damaged = {
            tree: make_damaged_tree(package, folder / f"damaged-{tree}" / "vllm", damages)
            for tree, package, damages in (
                ("stock", trees.stock, IN_KERNELS),
                ("built", trees.built, IN_STAND_INS),
            )
        }
        for tree, package, triton in (
            ("built", trees.built, NEW),
            ("built", trees.built, OLD),
            ("stock", trees.stock, NEW),
            ("stock, damaged", damaged["stock"], NEW),
            ("built, damaged", damaged["built"], OLD),
            ("stock", trees.stock, OLD),
        ):
            run = partial(interpret, triton, package, folder / f"{tree}, {triton}")
            # Triton 3.1.0 cannot import upstream's own `vllm.triton_utils`.
            plain = (tree, triton) == ("stock", OLD)
            self._running[tree, triton] = self._pool.submit(run, plain_triton_utils=plain)

    def __getitem__(self, key: tuple[str, str]) -> Interpretation:
        """Wait for a run's result."""
        return self._running[key].result()

    def stop(self) -> None:
        """Start no further one, and wait for those that run."""
        self._pool.shutdown(cancel_futures=True)

    def lines(self) -> list[str]:
        """Describe the runs that have come to a good end, a line for each."""
        ended = {
            key: future.result()
            for key, future in self._running.items()
            if future.done() and not future.cancelled() and future.exception() is None
        }
        return [_line(tree, result) for (tree, _), result in ended.items()]


def _line(tree: str, run: Interpretation) -> str:
    results = run.results
    agreeing = sum(result.agrees for result in results.values())
    seconds = sum(result.seconds for result in results.values())
    said = f"{RELEASE} {tree} on {run.triton}, NumPy {run.numpy}: {agreeing}/{len(results)} cases "
    raised = sorted({result.raised[-1] for result in results.values() if result.raised})
    return f"{said} as torch, {seconds:.0f} s" + "".join(f"; {error:.90}" for error in raised)
