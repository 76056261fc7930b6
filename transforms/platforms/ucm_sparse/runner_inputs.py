"""Compute a sparse request's slots and length from the slots that it keeps, not from its tokens."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch, Replace

_MODULE = "vllm.v1.worker.gpu_model_runner"
_PREPARE = f"{_MODULE}.GPUModelRunner._prepare_inputs"
_POSITIONS = """
    slot_positions = positions_np
    if wheelwright_ucm_sparse.on:
        slot_positions = wheelwright_ucm_sparse.runner.slot_positions(
            scheduler_output, self.input_batch, positions_np, cu_num_tokens
        )
"""

PATCH = Patch(
    why=(
        "a token's slot in the KV cache follows from its position, and the attention reads as many slots as the "
        "request has tokens; a sparse request has fewer, so both point at blocks that are not its own"
    ),
    upstream="none: vLLM has no interface for sparse attention by a plugin",
    drop_when="the number of slots of a request can differ from that of its tokens",
    versions=">=0.9.2",
    needs=("scheduler_output",),
    edits=[
        AddImport(inside=_MODULE, code="from vllm import wheelwright_ucm_sparse"),
        InsertBefore(
            inside=_PREPARE,
            anchor="for $group_id, $group in enumerate(self.kv_cache_config.kv_cache_groups): $$slots\n"
            "self.query_start_loc_np[0] = 0",
            code=_POSITIONS,
            versions="<0.10",
        ),
        Replace(
            inside=_PREPARE,
            find="positions_np // block_size",
            replace="slot_positions // block_size",
            versions="<0.10",
        ),
        Replace(
            inside=_PREPARE,
            find="positions_np % block_size",
            replace="slot_positions % block_size",
            versions="<0.10",
        ),
        Replace(
            inside=_PREPARE,
            find="self.input_batch.block_table.compute_slot_mapping(req_indices, positions_np)",
            replace=_POSITIONS
            + "    self.input_batch.block_table.compute_slot_mapping(req_indices, slot_positions)",
            versions=">=0.10,<0.19",
        ),
        InsertAfter(
            inside=_PREPARE,
            anchor="self.seq_lens_np[:num_reqs] = $lengths",
            code="""
                if wheelwright_ucm_sparse.on:
                    wheelwright_ucm_sparse.runner.shorten(
                        scheduler_output, self.input_batch, self.seq_lens_np
                    )
            """,
            versions="<0.10.2",
        ),
        InsertAfter(
            inside=_PREPARE,
            anchor="self.seq_lens.np[:num_reqs] = $lengths",
            code="""
                if wheelwright_ucm_sparse.on:
                    wheelwright_ucm_sparse.runner.shorten(
                        scheduler_output, self.input_batch, self.seq_lens.np
                    )
            """,
            versions=">=0.10.2,<0.19",
        ),
        # Whether a prompt is complete is a question of its tokens.
        Replace(
            inside=_PREPARE,
            find="self.seq_lens.np[:num_reqs] < num_tokens_np",
            replace=(
                "self.input_batch.num_computed_tokens_cpu[:num_reqs] + num_scheduled_tokens < num_tokens_np"
            ),
            versions=">=0.11,<0.19",
        ),
        # From 0.19 on, both are computed on the device; the host has a copy of the lengths.
        InsertAfter(
            inside=_PREPARE,
            anchor="self.discard_request_mask.copy_to_gpu(num_reqs)",
            code="""
                if wheelwright_ucm_sparse.on:
                    wheelwright_ucm_sparse.runner.shorten(
                        scheduler_output, self.input_batch, self.optimistic_seq_lens_cpu
                    )
            """,
            versions=">=0.19",
        ),
        Replace(
            inside=_PREPARE,
            find="""
                self.input_batch.block_table.compute_slot_mapping(
                    num_reqs,
                    self.query_start_loc.gpu[: num_reqs + 1],
                    self.positions[:total_num_scheduled_tokens],
                )
            """,
            replace="""
                slot_positions = self.positions[:total_num_scheduled_tokens]
                if wheelwright_ucm_sparse.on:
                    wheelwright_ucm_sparse.runner.shorten(
                        scheduler_output, self.input_batch, self.seq_lens
                    )
                    slot_positions = wheelwright_ucm_sparse.runner.slot_positions(
                        scheduler_output, self.input_batch, slot_positions, cu_num_tokens
                    )
                self.input_batch.block_table.compute_slot_mapping(
                    num_reqs,
                    self.query_start_loc.gpu[: num_reqs + 1],
                    slot_positions,
                )
            """,
            versions=">=0.19",
        ),
    ],
)
