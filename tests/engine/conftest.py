"""The environments of the engine tests, and the runs that they share."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.environment import Environments
from tests.engine.running import Place, Run
from tests.engine.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Runs = Mapping[str, Future[Run]]

_VARIABLE = "ENGINE_ENVIRONMENTS"


@pytest.fixture(scope="session")
def environments() -> Environments:
    """The environments; `nox -s e2e` makes them."""
    folder = os.environ.get(_VARIABLE)
    if folder is None:
        pytest.fail(f"{_VARIABLE} is not set: run `nox -s e2e`")
    return Environments(Path(folder))


@pytest.fixture(scope="session")
def runs(
    request: pytest.FixtureRequest,
    environments: Environments,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Runs]:
    """Start every scenario that a selected test asks for, two at a time."""
    asked = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    pool = ThreadPoolExecutor(max_workers=2)
    yield {
        name: pool.submit(scenario.run, environments, tmp_path_factory.mktemp(name))
        for name, scenario in SCENARIOS.items()
        if name in asked
    }
    # Where the session was stopped, those that have not begun never do.
    pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def stock(runs: Runs) -> Run:
    """Give the run of every engine, on upstream's own build."""
    return runs["stock"].result()


@pytest.fixture(scope="session")
def off(runs: Runs) -> Run:
    """Give the run of the same, on the patched build."""
    return runs["off"].result()


@pytest.fixture(scope="session")
def on(runs: Runs) -> Run:
    """Give the run of the same, with profiling on."""
    return runs["on"].result()


@pytest.fixture(scope="session")
def served(runs: Runs) -> Run:
    """Give the run of `vllm serve` with profiling on, and pyarrow at hand."""
    return runs["served"].result()


@pytest.fixture(scope="session")
def killed(runs: Runs) -> Run:
    """Give the run of an engine whose EngineCore was killed."""
    return runs["killed"].result()


@pytest.fixture(scope="session")
def unwritable(runs: Runs) -> Run:
    """Give the run of an engine that cannot make a session."""
    return runs["unwritable"].result()


@pytest.fixture(scope="session")
def full(runs: Runs) -> Run:
    """Give the run of an engine that cannot write to one."""
    return runs["full"].result()


@pytest.fixture(scope="session")
def by_ray(runs: Runs) -> Run:
    """Give the run of an engine whose worker is an actor of Ray's."""
    return runs["by_ray"].result()


@pytest.fixture(scope="session")
def applied(runs: Runs) -> Run:
    """Give the run of upstream's own build beside a plugin that patches it while it runs."""
    return runs["applied"].result()


@pytest.fixture(scope="session")
def compiled(runs: Runs) -> Run:
    """Give the run of the build that the same plugin's patches are compiled into."""
    return runs["compiled"].result()


@pytest.fixture(scope="session")
def doubled(runs: Runs) -> Run:
    """Give the run of that build beside a plugin that patches it nevertheless."""
    return runs["doubled"].result()


@pytest.fixture(scope="session")
def ucm_stock(runs: Runs) -> Run:
    """Give the run of UCM's engine on upstream's own build."""
    return runs["ucm_stock"].result()


@pytest.fixture(scope="session")
def ucm_unset(runs: Runs) -> Run:
    """Give the run of the same with UCM compiled in and at hand, and not asked for."""
    return runs["ucm_unset"].result()


@pytest.fixture(scope="session")
def ucm_absent(runs: Runs) -> Run:
    """Give the run of the same with UCM compiled in and asked for, and not installed."""
    return runs["ucm_absent"].result()


@pytest.fixture(scope="session")
def ucm_on(runs: Runs) -> Run:
    """Give the run of the same with UCM's stand-in, and of one whose loads all fail."""
    return runs["ucm_on"].result()


@pytest.fixture(scope="session")
def ucm_sparse(runs: Runs) -> Run:
    """Give the run of the same with a stand-in whose method gives requests blocks of its own."""
    return runs["ucm_sparse"].result()


@pytest.fixture(scope="session")
def ucm_switched_off(runs: Runs) -> Run:
    """Give the run of the same with UCM at hand and asked for, and every patch switched off."""
    return runs["ucm_switched_off"].result()


@pytest.fixture
def patched(environments: Environments, tmp_path: Path) -> Place:
    """Where a test runs a program of its own beside the patched vLLM."""
    return Place(environments=environments, name="patched", folder=tmp_path, variables={})


@pytest.fixture
def beside(environments: Environments, tmp_path: Path) -> Place:
    """Where a test runs a program beside the compiled vLLM and the plugin that it was made of."""
    place = Place(environments=environments, name="compiled", folder=tmp_path, variables={})
    return place.with_path(environments.overlay("example"))
