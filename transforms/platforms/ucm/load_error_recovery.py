"""Compute again, in the scheduler, what a connector could not load."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch, Replace
from transforms.platforms.ucm._recovery import DROP_WHEN, IMPORT, OWN_OUTPUT, UPSTREAM, VERSIONS

_MODULE = "vllm.v1.core.sched.scheduler"
_SCHEDULER = f"{_MODULE}.Scheduler"
_UPDATE = f"{_SCHEDULER}.update_from_output"
_SKIP = """
    if req_id in failed_kv_load_req_ids:
        # What this step gave it rests on blocks that failed to load.
        continue
"""


def _handle(invalid: str) -> str:
    return f"""
        failed_kv_load_req_ids: set[str] = set()
        if invalid_block_ids := {invalid}:
            failed_kv_load_req_ids = wheelwright_ucm.recovery.handle_invalid_blocks(
                self, invalid_block_ids
            )
            if self.connector is not None:
                wheelwright_ucm.recovery.forget(self.connector, failed_kv_load_req_ids)
    """


PATCH = Patch(
    why=(
        "a request whose blocks failed to load goes on with what the blocks hold, or waits for ever: the scheduler "
        "does not take back tokens that a connector has promised"
    ),
    upstream=UPSTREAM,
    drop_when=DROP_WHEN,
    versions=VERSIONS,
    needs=("cached_blocks", "load_error_output", "output_counts"),
    edits=[
        AddImport(inside=_MODULE, code=IMPORT),
        InsertAfter(
            inside=f"{_SCHEDULER}.__init__",
            anchor="self.finished_recving_kv_req_ids: set[str] = set()",
            code="self.failed_recving_kv_req_ids: set[str] = set()",
        ),
        InsertAfter(
            inside=_UPDATE,
            anchor="spec_decoding_stats: Optional[SpecDecodingStats] = None",
            code=_handle("model_runner_output.invalid_block_ids"),
            versions="<0.10.1",
        ),
        InsertAfter(
            inside=_UPDATE,
            anchor="spec_decoding_stats: Optional[SpecDecodingStats] = None",
            code=_handle(
                "model_runner_output.kv_connector_output "
                "and model_runner_output.kv_connector_output.invalid_block_ids"
            ),
            versions=OWN_OUTPUT,
        ),
        # 0.9.2 goes over what runs, and keeps what does not stop.
        Replace(
            inside=_UPDATE,
            find="num_tokens_scheduled == 0",
            replace="num_tokens_scheduled == 0 or req_id in failed_kv_load_req_ids",
            versions="<0.10",
        ),
        InsertAfter(
            inside=_UPDATE,
            anchor="assert num_tokens_scheduled > 0",
            code=_SKIP,
            versions=">=0.10",
        ),
        InsertBefore(
            inside=f"{_SCHEDULER}._update_waiting_for_remote_kv",
            anchor="(block_ids,) = self.kv_cache_manager.get_block_ids(request.request_id)",
            code="""
                if request.request_id in self.failed_recving_kv_req_ids:
                    wheelwright_ucm.recovery.retry(self, request)
                    self.finished_recving_kv_req_ids.remove(request.request_id)
                    return True
            """,
        ),
    ],
)
