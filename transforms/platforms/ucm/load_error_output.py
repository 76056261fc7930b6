"""Carry the blocks that failed to load from the workers to the scheduler, joined over all ranks."""

from transforms.edits import AddArgument, AddImport, AddMember, InsertAfter, Patch, Replace
from transforms.platforms.ucm._recovery import DROP_WHEN, IMPORT, OWN_OUTPUT, UPSTREAM, VERSIONS

_OUTPUTS = "vllm.v1.outputs"
_UTILS = "vllm.distributed.kv_transfer.kv_connector.utils"
_AGGREGATE = f"{_UTILS}.KVOutputAggregator.aggregate"

PATCH = Patch(
    why="what a worker's connector says of failed loads has no place in what the worker returns",
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
        # 0.9.2 has no aggregator: the output of one rank is the output.
        AddImport(inside=_UTILS, code=IMPORT, versions=">=0.10"),
        InsertAfter(
            inside=_AGGREGATE,
            anchor="output = outputs[output_rank]",
            code="output.invalid_block_ids = wheelwright_ucm.recovery.reported(outputs) or None",
            versions=">=0.10,<0.10.1",
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
    ],
)
