"""Ask the connector after each step which blocks it could not load, also in steps without a forward pass."""

from transforms.edits import AddArgument, AddImport, InsertAfter, Patch, Replace
from transforms.platforms.ucm._recovery import DROP_WHEN, IMPORT, OWN_OUTPUT, UPSTREAM, VERSIONS

_MIXIN = "vllm.v1.worker.kv_connector_model_runner_mixin"
_IN_MIXIN = f"{_MIXIN}.KVConnectorModelRunnerMixin"
_RUNNER = "vllm.v1.worker.gpu_model_runner"
_IN_RUNNER = f"{_RUNNER}.GPUModelRunner"
_BEFORE = "<0.10.1"
_GET_FINISHED = (
    "finished_sending, finished_recving = self.get_finished_kv_transfers(scheduler_output)"
)
_REPORT = """
    self.ucm_invalid_block_ids = None
    if wheelwright_ucm.on and has_kv_transfer_group():
        self.ucm_invalid_block_ids = wheelwright_ucm.recovery.invalid_blocks(
            get_kv_transfer_group()
        )
"""

PATCH = Patch(
    why="no worker asks its connector for the blocks that failed to load",
    upstream=UPSTREAM,
    drop_when=DROP_WHEN,
    versions=VERSIONS,
    needs=("load_error_output", "load_errors"),
    edits=[
        AddImport(inside=_MIXIN, code=IMPORT, versions=OWN_OUTPUT),
        InsertAfter(
            inside=f"{_IN_MIXIN}._get_kv_connector_output",
            anchor="output.finished_sending, output.finished_recving = $finished",
            code="""
                if wheelwright_ucm.on:
                    output.invalid_block_ids = wheelwright_ucm.recovery.invalid_blocks(kv_connector)
            """,
            versions=OWN_OUTPUT,
        ),
        Replace(
            inside=f"{_IN_MIXIN}.kv_connector_no_forward",
            find="not kv_connector_output.finished_recving",
            replace=(
                "not kv_connector_output.finished_recving "
                "and not kv_connector_output.invalid_block_ids"
            ),
            versions=OWN_OUTPUT,
        ),
        # Before, the runner itself asks, at two places.
        AddImport(inside=_RUNNER, code=IMPORT, versions=_BEFORE),
        InsertAfter(
            inside=f"{_IN_RUNNER}.execute_model",
            anchor=_GET_FINISHED,
            code=_REPORT,
            versions=_BEFORE,
        ),
        AddArgument(
            inside=f"{_IN_RUNNER}.execute_model",
            call="ModelRunnerOutput",
            argument="invalid_block_ids=self.ucm_invalid_block_ids",
            versions=_BEFORE,
        ),
        AddArgument(
            inside=f"{_IN_RUNNER}._pool",
            call="ModelRunnerOutput",
            argument="invalid_block_ids=self.ucm_invalid_block_ids",
            versions=_BEFORE,
        ),
        InsertAfter(
            inside=f"{_IN_RUNNER}.kv_connector_no_forward",
            anchor=_GET_FINISHED,
            code=_REPORT,
            versions=_BEFORE,
        ),
        Replace(
            inside=f"{_IN_RUNNER}.kv_connector_no_forward",
            find="not finished_recving",
            replace="not finished_recving and not self.ucm_invalid_block_ids",
            versions=_BEFORE,
        ),
        InsertAfter(
            inside=f"{_IN_RUNNER}.kv_connector_no_forward",
            anchor="output.finished_recving = finished_recving",
            code="output.invalid_block_ids = self.ucm_invalid_block_ids",
            versions=_BEFORE,
        ),
        # A pipeline stage that is not the last; 0.9.2 has no way for what it reports.
        Replace(
            inside=f"{_IN_RUNNER}.execute_model",
            find="finished_sending or finished_recving",
            replace="finished_sending or finished_recving or self.ucm_invalid_block_ids",
            versions=">=0.10,<0.10.1",
        ),
        InsertAfter(
            inside=f"{_IN_RUNNER}.execute_model",
            anchor="hidden_states.finished_recving = finished_recving",
            code="hidden_states.invalid_block_ids = self.ucm_invalid_block_ids",
            versions=">=0.10,<0.10.1",
        ),
    ],
)
