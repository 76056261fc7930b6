"""Hand each worker's UCM connector what the scheduler's planned for the step."""

from transforms.edits import AddImport, InsertAfter, Patch

_MODULE = "vllm.v1.worker.gpu_worker"

PATCH = Patch(
    why="what UCM's connector planned in the scheduler reaches no worker: nothing there reads ucm_connector_meta",
    upstream="none: vLLM hands kv_connector_metadata to its own connector interface",
    drop_when="UCM's connector is a KVConnectorBase_V1 only",
    versions=">=0.9.2",
    needs=("scheduler_output",),
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_ucm"),
        InsertAfter(
            inside=f"{_MODULE}.Worker.execute_model",
            anchor="intermediate_tensors = None",
            code="""
                if wheelwright_ucm.on:
                    wheelwright_ucm.steps.received(self, scheduler_output)
            """,
        ),
    ],
)
