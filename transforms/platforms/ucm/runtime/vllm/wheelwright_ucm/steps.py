# SPDX-License-Identifier: Apache-2.0
"""A step of the scheduler, as UCM's connector sees it: before, after, and in each worker."""

from __future__ import annotations

from typing import Any

from . import counterpart


def before(scheduler: Any) -> frozenset[str]:
    """Ask how many tokens of each waiting request UCM has; each request carries the answer.

    Args:
        scheduler: vLLM's.

    Returns:
        The requests whose blocks failed to load: the step that begins may take them up again.
    """
    connector = scheduler.ucm_connector
    if connector is not None:
        for request in scheduler.waiting:
            request.ucm_matched_tokens = connector.get_num_new_matched_tokens(request)
    return frozenset(scheduler.failed_recving_kv_req_ids)


def after(scheduler: Any, scheduler_output: Any, failed: frozenset[str]) -> None:
    """Let UCM's connector plan the step, and put the plan where the workers find it.

    Args:
        scheduler: vLLM's.
        scheduler_output: what the workers get.
        failed: what `before` gave.
    """
    scheduler_output.ucm_failed_recving = failed
    connector = scheduler.ucm_connector
    if connector is not None:
        meta = connector.build_connector_meta(scheduler_output)
        # A connector may also write the field itself.
        if meta is not None:
            scheduler_output.ucm_connector_meta = meta


def received(worker: Any, scheduler_output: Any) -> None:
    """Hand the plan to the worker's connector, and name the requests whose loads failed.

    The connector is made at the first step. Its method `bind_connector_metadata` is that of
    vLLM's own interface; `failed_recving` is called where it has one and loads have failed.

    Args:
        worker: vLLM's.
        scheduler_output: what the scheduler gave.
    """
    if not hasattr(worker, "ucm_connector"):
        worker.ucm_connector = counterpart.create_connector()
    connector = worker.ucm_connector
    if connector is None:
        return
    if scheduler_output.ucm_failed_recving and hasattr(connector, "failed_recving"):
        connector.failed_recving(scheduler_output.ucm_failed_recving)
    if scheduler_output.ucm_connector_meta is not None:
        connector.bind_connector_metadata(scheduler_output.ucm_connector_meta)
