"""What processes do on the CPU is recorded: vLLM's own scopes, and calls that have none."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.transforms.platforms.excerpts import patched, status_on
from tests.transforms.platforms.profile.outputs import output
from tests.transforms.platforms.profile.recorded import Recorded, compiled
from transforms.engine.outcome import Status
from transforms.platforms.profile.operations import PATCH

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

UTILS = """
import contextlib

_PROFILER_FUNC = None

def record_function_or_nullcontext(name):
    global _PROFILER_FUNC

    if _PROFILER_FUNC is not None:
        return _PROFILER_FUNC(name)

    func = contextlib.nullcontext
    if envs.VLLM_CUSTOM_SCOPES_FOR_PROFILING:
        func = record_function

    _PROFILER_FUNC = func
    return func(name)
"""
CORE = """
class EngineCore:
    def step(self):
        scheduler_output = self.scheduler.schedule()
        future = self.model_executor.execute_model(scheduler_output, non_block=True)
        with self.log_error_detail(scheduler_output):
            model_output = future.result()
            if model_output is None:
                model_output = self.model_executor.sample_tokens(None)

        self._process_aborts_queue()
        return model_output

    def step_with_batch_queue(self):
        future, scheduler_output, exec_model_fut = self.batch_queue.pop()
        with self.log_error_detail(scheduler_output):
            model_output = future.result()
            if model_output is None:
                raise RuntimeError("unexpected error")

        self._process_aborts_queue()
        return model_output
"""
ASYNC_LLM = """
import asyncio

class AsyncLLM:
    async def _add_request(self, request, prompt, parent_req, index, queue):
        self.output_processor.add_request(request, prompt, parent_req, index, queue)

        await self.engine_core.add_request_async(request)

        if self.log_requests:
            print("Added request")

    def _run_output_handler(self):
        output_processor = self.output_processor

        async def output_handler():
            for outputs_slice in self.slices:
                processed_outputs = output_processor.process_outputs(
                    outputs_slice, 0.0, None
                )
                assert not processed_outputs.request_outputs

        self.output_handler = asyncio.ensure_future(output_handler())
"""
WORKER = """
class Worker:
    def sample_tokens(self, grammar_output):
        return self.model_runner.sample_tokens(grammar_output)
"""
CLASSIC = """
class GPUModelRunner:
    def execute_model(self, scheduler_output, intermediate_tensors=None):
        {states}self._update_states(scheduler_output)
        {inputs} = (
            self._prepare_inputs(scheduler_output, [5])
        )
        return logits_indices
"""
V2 = """
class GPUModelRunner:
    def execute_model(self, scheduler_output, dummy_run=False):
        if not dummy_run:
            self.finish_requests(scheduler_output)
            self.free_states(scheduler_output)
            self.update_requests(scheduler_output)
            if scheduler_output.total_num_scheduled_tokens == 0:
                return "empty"
        if not dummy_run:
            input_batch = self.prepare_inputs(scheduler_output)
        else:
            input_batch = "dummy"
        return input_batch
"""
_MODULES = {
    "vllm.v1.utils": UTILS,
    "vllm.v1.engine.core": CORE,
    "vllm.v1.engine.async_llm": ASYNC_LLM,
    "vllm.v1.worker.gpu_worker": WORKER,
    "vllm.v1.worker.gpu.model_runner": V2,
}
OFF = SimpleNamespace(on=False)


@pytest.fixture
def recorded(recorder: Callable[..., ModuleType], monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Play a process of the engine in its step 6."""
    played = Recorded(recorder(), monkeypatch)
    played.package.recording.step = 6
    return played


def names(module: str, package: object, **bound: object) -> Any:  # noqa: ANN401 - it is executed
    """Give the patched names of a module."""
    made = compiled([PATCH], "0.33.0", module, _MODULES[module], package)
    for function in vars(made).values():
        if callable(function) and hasattr(function, "__globals__"):
            function.__globals__.update(bound)
    return made


def operations(recorded: Recorded) -> list[tuple[int, str, str]]:
    """Give step, operation and context of each row."""
    return [(row["step"], row["operation"], row["context"]) for row in recorded.rows("operations")]


SCOPES = SimpleNamespace(VLLM_CUSTOM_SCOPES_FOR_PROFILING=False)


def test_the_factory_of_scopes_is_changed_where_it_is_chosen() -> None:
    changed = patched(PATCH, "0.14.1", "vllm.v1.utils", UTILS)
    assert changed == UTILS.replace(
        "import contextlib\n", "import contextlib\n\nfrom vllm import wheelwright_profile\n"
    ).replace(
        "    _PROFILER_FUNC = func\n",
        "    if wheelwright_profile.on:\n"
        "        func = wheelwright_profile.operations.scopes(func)\n"
        "    _PROFILER_FUNC = func\n",
    )


def test_off_scopes_are_upstream_s() -> None:
    utils = names("vllm.v1.utils", OFF, envs=SCOPES)
    assert type(utils.record_function_or_nullcontext("scope")) is contextlib.nullcontext


def test_each_scope_is_a_row(recorded: Recorded) -> None:
    utils = names("vllm.v1.utils", recorded.package, envs=SCOPES)
    for name in ("first", "second"):
        with utils.record_function_or_nullcontext(f"gpu_model_runner: {name}"):
            pass
    assert operations(recorded) == [
        (6, "gpu_model_runner: first", ""),
        (6, "gpu_model_runner: second", ""),
    ]


def test_a_profiler_has_its_scopes_as_well(recorded: Recorded) -> None:
    seen: list[str] = []

    @contextlib.contextmanager
    def record_function(name: str) -> Any:  # noqa: ANN401 - a generator
        seen.append(f"begins {name}")
        yield
        seen.append(f"ends {name}")

    asked = SimpleNamespace(VLLM_CUSTOM_SCOPES_FOR_PROFILING=True)
    bound = {"envs": asked, "record_function": record_function}
    utils = names("vllm.v1.utils", recorded.package, **bound)
    with utils.record_function_or_nullcontext("scope"):
        seen.append("inside")
    assert seen == ["begins scope", "inside", "ends scope"]
    assert operations(recorded) == [(6, "scope", "")]


def core(package: object, log: list[str]) -> Any:  # noqa: ANN401 - it is executed
    """Make an EngineCore of which each call is logged."""

    def logged(name: str, result: object) -> Callable[..., object]:
        def call(*_: object, **__: object) -> object:
            log.append(name)
            return result

        return call

    made = names("vllm.v1.engine.core", package).EngineCore()
    future = SimpleNamespace(result=logged("result", "output"))
    made.scheduler = SimpleNamespace(schedule=logged("schedule", output(6)))
    made.model_executor = SimpleNamespace(execute_model=logged("execute_model", future))
    made.log_error_detail = lambda _: contextlib.nullcontext()
    made._process_aborts_queue = logged("aborts", None)
    made.batch_queue = deque([(future, output(4), None)])
    return made


def test_engine_core_s_step_is_timed_from_the_call_of_the_workers_to_their_output(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[str] = []
    made = core(recorded.package, log)
    done = recorded.package.operations.done

    def started() -> int:
        log.append("started")
        return 0

    def ends(*given: object, **more: object) -> None:
        log.append("done")
        done(*given, **more)

    monkeypatch.setattr(recorded.package.operations, "started", started)
    monkeypatch.setattr(recorded.package.operations, "done", ends)
    assert made.step() == "output"
    assert log == ["schedule", "started", "execute_model", "result", "done", "aborts"]
    log.clear()
    assert made.step_with_batch_queue() == "output"
    assert log == ["started", "result", "done", "aborts"]
    # The second is of the step that the output belongs to.
    assert operations(recorded) == [
        (6, "engine_core: execute_model", ""),
        (4, "engine_core: wait_for_output", ""),
    ]


def test_off_the_engine_s_processes_ask_nothing_but_whether_it_is_on() -> None:
    made = core(OFF, [])
    assert (made.step(), made.step_with_batch_queue()) == ("output", "output")
    asyncio.run(served(async_llm(OFF)))


def async_llm(package: object) -> Any:  # noqa: ANN401 - it is executed
    """Make an AsyncLLM, two slices of outputs, and a client of EngineCore that takes its time."""
    made = names("vllm.v1.engine.async_llm", package).AsyncLLM()
    made.log_requests = False
    made.slices = [["one", "two"], ["three"]]
    made.engine_core = SimpleNamespace(add_request_async=lambda _: asyncio.sleep(0))
    made.output_processor = SimpleNamespace(
        add_request=lambda *_: None,
        process_outputs=lambda *_: SimpleNamespace(request_outputs=[]),
    )
    return made


async def served(made: Any) -> None:  # noqa: ANN401 - it is executed
    """Have two requests at a time, then their outputs."""
    both = [made._add_request(name, "prompt", None, 0, None) for name in "ab"]
    await asyncio.gather(*both)
    made._run_output_handler()
    await made.output_handler


def test_the_api_server_s_process_has_operations(recorded: Recorded) -> None:
    recorded.package.recording.step = -1
    asyncio.run(served(async_llm(recorded.package)))
    assert operations(recorded) == [
        (-1, "async_llm: add_request", ""),
        (-1, "async_llm: add_request", ""),
        (-1, "async_llm: process_outputs", "2 outputs"),
        (-1, "async_llm: process_outputs", "1 outputs"),
    ]


def test_sampling_is_timed_and_gives_what_it_gave(recorded: Recorded) -> None:
    for package in (OFF, recorded.package):
        worker = names("vllm.v1.worker.gpu_worker", package).Worker()
        worker.model_runner = SimpleNamespace(sample_tokens=lambda grammar: ["sampled", grammar])
        assert worker.sample_tokens("grammar") == ["sampled", "grammar"]
    assert operations(recorded) == [(6, "gpu_model_runner: sample_tokens", "")]


@pytest.mark.parametrize(
    ("release", "states", "inputs"),
    [
        ("0.14.1", "", "logits_indices, spec_decode_metadata"),
        ("0.18.1", "", "logits_indices, spec_decode_metadata"),
        ("0.19.0", "deferred_state_corrections_fn = ", "logits_indices, spec_decode_metadata"),
        ("0.33.0", "deferred_state_corrections_fn = ", "logits_indices, *more"),
    ],
)
def test_the_classic_runner_s_states_and_inputs_are_timed(
    recorded: Recorded, release: str, states: str, inputs: str
) -> None:
    module = "vllm.v1.worker.gpu_model_runner"
    text = CLASSIC.format(states=states, inputs=inputs)
    for package in (OFF, recorded.package):
        made = compiled([PATCH], release, module, text, package).GPUModelRunner()
        made._update_states = lambda _: "corrections"
        made._prepare_inputs = lambda *_: ("indices", "metadata")
        assert made.execute_model(output()) == "indices"
    assert operations(recorded) == [
        (6, "gpu_model_runner: update_states", ""),
        (6, "gpu_model_runner: prepare_inputs", ""),
    ]


def test_runner_v2_s_requests_and_inputs_are_timed_and_no_dummy_run(recorded: Recorded) -> None:
    for package in (OFF, recorded.package):
        made = names("vllm.v1.worker.gpu.model_runner", package).GPUModelRunner()
        made.finish_requests = made.free_states = made.update_requests = lambda _: None
        made.prepare_inputs = lambda _: "inputs"
        assert made.execute_model(output(), dummy_run=True) == "dummy"
        assert made.execute_model(output()) == "empty"
        assert made.execute_model(output(new={"a": 5})) == "inputs"
    assert operations(recorded) == [
        (6, "gpu_model_runner: update_requests", ""),
        (6, "gpu_model_runner: update_requests", ""),
        (6, "gpu_model_runner: prepare_inputs", ""),
    ]


def test_runner_v2_before_0_16_has_inputs_only(recorded: Recorded) -> None:
    text = dedent("""
        class GPUModelRunner:
            def execute_model(self):
                input_batch = self.prepare_inputs()
    """)
    module = "vllm.v1.worker.gpu.model_runner"
    made = compiled([PATCH], "0.14.1", module, text, recorded.package).GPUModelRunner()
    made.prepare_inputs = lambda: None
    made.execute_model()
    assert operations(recorded) == [(6, "gpu_model_runner: prepare_inputs", "")]


def test_releases_before_are_excluded() -> None:
    assert status_on(PATCH, "0.14.0") is Status.EXCLUDED
