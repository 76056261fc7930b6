# SPDX-License-Identifier: Apache-2.0
"""ProfileMate's files about time: forward passes, operations of the CPU, encoder and decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..figures import NS_IN_MS, NS_IN_S
from ..forward import forward_ns
from .csv_file import Cell, CsvFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..session import Session


def _forward(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each forward pass of each worker.

    `forward_time_ms` is the device's time where it was measured, else the host's; `num_tokens`
    counts without padding; `throughput_tokens_per_sec` is `num_tokens` in that time.
    """
    for row in session.rows("forward"):
        took = forward_ns(row)
        speed = row.tokens * NS_IN_S / took if took else None
        batch = (row.phase, row.requests, row.tokens)
        yield (session.seconds(row.time_ns), *batch, took / NS_IN_MS, speed)


def _operations(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each operation: vLLM's own scopes, and `schedule` and others that have none.

    `timestamp_sec` is when it started; `duration_ms` is the host's time, operations within it
    included; `context` is what the operation says of itself, such as the phase of the step.
    """
    for row in session.rows("operations"):
        took = row.duration_ns / NS_IN_MS
        yield (session.seconds(row.time_ns), row.operation, took, row.context)


def _encoder_decoder(session: Session) -> Iterator[tuple[Cell, ...]]:
    """Give one row for each run of an encoder, or of the decoder behind it; the host's time."""
    for row in session.rows("encoder"):
        took = row.duration_ns / NS_IN_MS
        yield (session.seconds(row.time_ns), row.component, took, row.context)


FILES = (
    CsvFile(
        name="forward_pass_timing.csv",
        columns="timestamp_sec,phase,batch_size,num_tokens,forward_time_ms,throughput_tokens_per_sec",
        tables=("forward",),
        rows=_forward,
    ),
    CsvFile(
        name="cpu_operations_timing.csv",
        columns="timestamp_sec,operation,duration_ms,context",
        tables=("operations",),
        rows=_operations,
    ),
    CsvFile(
        name="encoder_decoder_timing.csv",
        columns="timestamp_sec,component,duration_ms,context",
        tables=("encoder",),
        rows=_encoder_decoder,
    ),
)
