"""Tell UCM of each step in the worker, and take a sparse request's blocks for all that it has."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch, Replace

_MODULE = "vllm.v1.worker.gpu_model_runner"
_UPDATE = f"{_MODULE}.GPUModelRunner._update_states"

PATCH = Patch(
    why=(
        "the model runner adds each step's blocks to those that a request has; of a sparse request they are all, so "
        "that it would read keys that are not its own; and what UCM holds of finished requests is never freed"
    ),
    upstream="none: upstream's requests only gain blocks",
    drop_when="the scheduler can tell the model runner to replace a request's blocks",
    versions=">=0.9.2",
    needs=("block_table", "scheduler_output"),
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_ucm_sparse"),
        InsertBefore(
            inside=_UPDATE,
            anchor="""
                for req_id in scheduler_output.finished_req_ids:
                    self.input_batch.remove_request(req_id)
            """,
            code="""
                if wheelwright_ucm_sparse.on:
                    wheelwright_ucm_sparse.runner.update_states(scheduler_output)
            """,
        ),
        InsertAfter(
            inside=_UPDATE,
            anchor="new_block_ids = req_data.new_block_ids[i]",
            code="""
                is_sparse = wheelwright_ucm_sparse.on and wheelwright_ucm_sparse.runner.is_sparse(
                    scheduler_output, req_id
                )
            """,
        ),
        # Of its own: what else gets new blocks for old ones has left the batch, and upstream asserts it.
        Replace(
            inside=_UPDATE,
            find="""
                if not resumed_from_preemption:
                    $$added
                else:
                    $$replaced
            """,
            replace="""
                if is_sparse:
                    req_state.block_ids = new_block_ids
                elif not resumed_from_preemption:
                    $$added
                else:
                    $$replaced
            """,
        ),
        InsertBefore(
            inside=_UPDATE,
            anchor="self.input_batch.block_table.append_row(new_block_ids, req_index)",
            code="""
                if is_sparse:
                    self.input_batch.block_table.reset_row(req_index)
            """,
        ),
    ],
)
