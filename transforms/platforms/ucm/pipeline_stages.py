"""Pass on what the connector of an earlier pipeline stage reports, if it is failed loads alone."""

from transforms.edits import AddMember, InsertAfter, Patch, Replace
from transforms.platforms.ucm._recovery import DROP_WHEN, OWN_OUTPUT, UPSTREAM

_WORKER = "vllm.v1.worker.gpu_worker.Worker.execute_model"
_RUNNER = "vllm.v1.worker.gpu_model_runner.GPUModelRunner.execute_model"
_BEFORE = "<0.10.1"

PATCH = Patch(
    why="a pipeline stage that is not the last returns nothing where no transfer has ended: its failed loads are lost",
    upstream=UPSTREAM,
    drop_when=DROP_WHEN,
    # 0.9.2 has no way for what an earlier stage reports.
    versions=">=0.10,<0.11.1",
    edits=[
        Replace(
            inside=_WORKER,
            find="not kv_connector_output.finished_recving",
            replace=(
                "not kv_connector_output.finished_recving "
                "and not kv_connector_output.invalid_block_ids"
            ),
            versions=OWN_OUTPUT,
        ),
        AddMember(
            inside="vllm.sequence.IntermediateTensors",
            after="finished_recving",
            code="invalid_block_ids: Optional[set[int]] = None",
            versions=_BEFORE,
        ),
        Replace(
            inside=_RUNNER,
            find="finished_sending or finished_recving",
            replace="finished_sending or finished_recving or self.ucm_invalid_block_ids",
            versions=_BEFORE,
        ),
        InsertAfter(
            inside=_RUNNER,
            anchor="hidden_states.finished_recving = finished_recving",
            code="hidden_states.invalid_block_ids = self.ucm_invalid_block_ids",
            versions=_BEFORE,
        ),
        Replace(
            inside=_WORKER,
            find="output.finished_sending or output.finished_recving",
            replace="output.finished_sending or output.finished_recving or output.invalid_block_ids",
            versions=_BEFORE,
        ),
        InsertAfter(
            inside=_WORKER,
            anchor="new_output.finished_recving = output.finished_recving",
            code="new_output.invalid_block_ids = output.invalid_block_ids",
            versions=_BEFORE,
        ),
    ],
)
