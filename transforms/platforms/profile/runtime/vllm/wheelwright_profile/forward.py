# SPDX-License-Identifier: Apache-2.0
"""The forward passes of this process's worker: of which step and batch, and how long.

On a device the host only asks for the pass: `duration_ns` is how long that took, `device_ns` how
long the device worked on it, by events that are read in a later step. On a CPU the host does the
work. With model runner V2 the pass begins before the KV connector's part of it, as there upstream's
does.

Not here: vLLM's own warm-up and dummy runs, which are not steps, and the draft model's passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from . import device, experts, processes, recording

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence, Sized


class Cached(Protocol):
    """What is used of a `CachedRequestData`: the requests that the workers know."""

    req_ids: Sequence[str]
    resumed_req_ids: Collection[str]
    num_output_tokens: Sequence[int]


class Output(Protocol):
    """What is used of a `SchedulerOutput`."""

    scheduled_new_reqs: Sized
    scheduled_cached_reqs: Cached
    num_scheduled_tokens: Mapping[str, int]
    total_num_scheduled_tokens: int
    scheduled_spec_decode_tokens: Mapping[str, Sized]


class Runner(Protocol):
    """What is used of a `GPUModelRunner`, the classic one or V2."""

    supports_mm_inputs: bool


class Begun(NamedTuple):
    """When something began: in time, on the host's clock, and on the device."""

    time_ns: int
    clock: int
    on_device: Any


_tokens = 0  # of the step that is on, as the scheduler has it


def step_begins(output: object) -> None:
    """Note which step this process works on from here on: at the top of `execute_model`.

    Args:
        output: the scheduler's; it has no step id where the patch `profile/step_id` was left out.
    """
    global _tokens
    try:
        recording.step = getattr(output, "profile_step_id", -1)
        _tokens = getattr(output, "total_num_scheduled_tokens", 0)
        device.poll()
        if not _tokens:
            experts.begin_step(0)
    except Exception as error:  # noqa: BLE001 - the engine goes on, whatever it was
        recording.trouble("forward.step_begins", error)


def begins() -> Begun:
    """Note that the model is about to run."""
    experts.begin_step(_tokens)
    return begin_timing()


def begin_timing() -> Begun:
    """Look at all clocks: something is about to run on the device."""
    try:
        on_device = device.start()
    except Exception as error:  # noqa: BLE001 - the engine goes on, whatever it was
        recording.trouble("forward.begin_timing", error)
        on_device = None
    return Begun(recording.now(), recording.clock(), on_device)


@recording.point("forward.ends")
def ends(begun: Begun, runner: Runner, output: Output, padded_tokens: int) -> None:
    """Record a forward pass of the classic model runner: directly behind it.

    A model with an encoder has a row of `encoder` as well: this is its decoder.

    Args:
        begun: what `begins` gave.
        runner: the model runner.
        output: the scheduler's.
        padded_tokens: how many tokens the model ran with, those that fill up a graph's size
            included.
    """
    _ends(begun, runner, output, padded_tokens)


@recording.point("forward_v2.ends")
def ends_v2(begun: Begun, runner: Runner, output: Output, padded_tokens: int) -> None:
    """Record a forward pass of model runner V2; as `ends`."""
    _ends(begun, runner, output, padded_tokens)


def _ends(begun: Begun, runner: Runner, output: Output, padded_tokens: int) -> None:
    duration = recording.clock() - begun.clock
    step, rank = recording.step, processes.rank
    is_decoder = getattr(runner, "supports_mm_inputs", False)

    def then(device_ns: int | None) -> None:
        measured = begun.time_ns, step, duration, device_ns
        recording.record("forward", (*measured, phase, requests, tokens, padded_tokens, rank))
        if is_decoder:
            record_component(measured, "decoder", f"{tokens} tokens")

    try:
        phase = phase_of(output)
        requests, tokens = len(output.num_scheduled_tokens), output.total_num_scheduled_tokens
        device.stop(begun.on_device, then)
    finally:
        # Behind `stop`, so that what experts ask of the device is not in the pass's time.
        experts.end_step()


def record_component(measured: tuple[int, int, int, int | None], name: str, context: str) -> None:
    """Record an encoder or a decoder, by the device's time if there is one.

    Args:
        measured: as `forward` begins: time, step, the host's and the device's duration.
        name: `encoder` or `decoder`.
        context: what it was run on.
    """
    began, step, duration, device_ns = measured
    if device_ns is not None:
        duration, context = device_ns, f"{context}, on the device"
    recording.record("encoder", (began, step, duration, name, context))


def phase_of(output: Output) -> str:
    """Tell what a batch does: `prefill`, `decode` or `mixed`, as `steps` does.

    A request that the workers do not know yet, or that has no output, computes its prompt. One that
    was preempted computes its output again: more than one token of a request, apart from those
    that are only proposed, is that. (Workers cannot tell a later chunk of that from a decode
    where it is a single token.)
    """
    cached, tokens = output.scheduled_cached_reqs, output.num_scheduled_tokens
    proposed = output.scheduled_spec_decode_tokens
    anew = len(output.scheduled_new_reqs) + cached.num_output_tokens.count(0)
    if not anew and not cached.resumed_req_ids:
        more = output.total_num_scheduled_tokens - len(tokens)
        if more == sum(map(len, proposed.values())):
            return "decode"
    elif anew == len(tokens):
        return "prefill"
    for name, outputs in zip(cached.req_ids, cached.num_output_tokens, strict=True):
        goes_on = outputs and name not in cached.resumed_req_ids
        if goes_on and tokens[name] - len(proposed.get(name, ())) == 1:
            return "mixed"
    return "prefill"
