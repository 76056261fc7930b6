"""Carry the blocks that failed to load from the workers to the scheduler, joined over ranks and stages."""

from transforms.edits import AddArgument, AddImport, AddMember, InsertAfter, Patch, Replace
from transforms.platforms.ucm._recovery import DROP_WHEN, IMPORT, OWN_OUTPUT, UPSTREAM, VERSIONS

_OUTPUTS = "vllm.v1.outputs"
_UTILS = "vllm.distributed.kv_transfer.kv_connector.utils"
_AGGREGATE = f"{_UTILS}.KVOutputAggregator.aggregate"
_STAGE = "vllm.v1.worker.gpu_worker.Worker.execute_model"
# 0.9.2 takes one rank's output as it is, and none of an earlier stage.
_BEFORE = ">=0.10,<0.10.1"

PATCH = Patch(
    why=(
        "what a worker's connector says of failed loads has no place in what the worker returns; of a pipeline stage "
        "that is not the last, it is lost where no transfer has ended"
    ),
    upstream=UPSTREAM,
    drop_when=DROP_WHEN,
    versions=VERSIONS,
    edits=[
        AddImport(inside=_OUTPUTS, code="from dataclasses import field", versions=OWN_OUTPUT),
        AddMember(
            inside=f"{_OUTPUTS}.KVConnectorOutput",
            after="finished_recving",
            code="invalid_block_ids: set[int] = field(default_factory=set)",
            versions=">=0.10.1,<0.11",
        ),
        AddMember(
            inside=f"{_OUTPUTS}.KVConnectorOutput",
            after="kv_connector_stats",
            code="invalid_block_ids: set[int] = field(default_factory=set)",
            versions=">=0.11",
        ),
        Replace(
            inside=f"{_OUTPUTS}.KVConnectorOutput.is_empty",
            find="not self.finished_recving",
            replace="not self.finished_recving and not self.invalid_block_ids",
            versions=">=0.11",
        ),
        AddMember(
            inside=f"{_OUTPUTS}.ModelRunnerOutput",
            after="finished_recving",
            code="invalid_block_ids: Optional[set[int]] = None",
            versions="<0.10.1",
        ),
        AddImport(inside=_UTILS, code=IMPORT, versions=">=0.10"),
        InsertAfter(
            inside=_AGGREGATE,
            anchor="output = outputs[output_rank]",
            code="output.invalid_block_ids = wheelwright_ucm.recovery.reported(outputs) or None",
            versions=_BEFORE,
        ),
        AddArgument(
            inside=_AGGREGATE,
            call="KVConnectorOutput",
            argument=(
                "invalid_block_ids=wheelwright_ucm.recovery.reported("
                "item.kv_connector_output for item in outputs)"
            ),
            versions=OWN_OUTPUT,
        ),
        # A stage that is not the last returns what its connector reports, and nothing else.
        Replace(
            inside=_STAGE,
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
            inside=_STAGE,
            find="output.finished_sending or output.finished_recving",
            replace="output.finished_sending or output.finished_recving or output.invalid_block_ids",
            versions=_BEFORE,
        ),
        InsertAfter(
            inside=_STAGE,
            anchor="new_output.finished_recving = output.finished_recving",
            code="new_output.invalid_block_ids = output.invalid_block_ids",
            versions=_BEFORE,
        ),
    ],
)
