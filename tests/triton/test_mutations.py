"""Each rule broken on purpose is caught: a proof that sees no mistake proves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from build_hooks.triton.comparison import Comparison
from tests.triton.mutant_cases import MUTANTS, OTHER_PROOF, RELEASE
from tests.triton.mutants import make_mutated_tree
from tests.triton.release import OLD, REFERENCES
from tests.triton.replay import replay, same_jobs
from transforms.rules.triton.dialect import TRITON_3_1
from transforms.rules.triton.rules import rules_of

if TYPE_CHECKING:
    from build_hooks.triton.replay import Replay
    from tests.triton.mutants import Mutant
    from tests.triton.release import Release
    from tests.triton.replay import Replays

KERNELS = {mutant.kernel for mutant in MUTANTS}
REFERENCE = REFERENCES[RELEASE]


@pytest.fixture(scope="module")
def mutated(
    releases: dict[str, Release], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Replay]:
    """Compile the mutants' kernels, all mutants in one tree, with either Triton."""
    release, folder = releases[RELEASE], tmp_path_factory.mktemp("mutants")
    package = make_mutated_tree(release.trees.built, folder / "vllm", MUTANTS)
    jobs = [job for job in release.jobs if job.ident in KERNELS]
    return {triton: replay(triton, package, jobs, folder / triton) for triton in (REFERENCE, OLD)}


def test_every_rule_has_a_mutant_or_another_proof() -> None:
    broken = {mutant.rule for mutant in MUTANTS}
    assert not broken & OTHER_PROOF.keys()
    assert rules_of(TRITON_3_1).keys() == broken | OTHER_PROOF.keys()


@pytest.mark.triton
def test_each_mutants_kernel_reaches_no_other_mutant(replays: Replays) -> None:
    assert len(KERNELS) == len(MUTANTS)
    for attempt in replays[RELEASE, REFERENCE, "stock"].attempts:
        if attempt.ident in KERNELS:
            assert KERNELS.intersection(attempt.reached) <= {attempt.ident}


@pytest.mark.triton
@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_the_mistake_is_caught(
    replays: Replays, mutated: dict[str, Replay], mutant: Mutant
) -> None:
    """By what the other tests here look at: meaning, launches, and what compiles."""
    stock, built = (replays[RELEASE, OLD, kind] for kind in ("stock", "built"))
    caught = harmed(replays[RELEASE, REFERENCE, "stock"], mutated[REFERENCE])
    caught |= harmed(stock, mutated[OLD])
    caught |= {one.ident for one in Comparison(same_jobs(built, mutated[OLD]), mutated[OLD]).broken}
    assert mutant.kernel in caught


def harmed(stock: Replay, mutated: Replay) -> set[str]:
    """Name the functions that compile or are launched in another way, or not any more."""
    changed = {attempt.ident for attempt in Comparison(same_jobs(stock, mutated), mutated).harmed}
    relaunched = {
        ident for ident, row in stock.parameters.items() if row != mutated.parameters[ident]
    }
    return changed | relaunched
