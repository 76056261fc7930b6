"""Let a row of the block tables be emptied, so that a sparse request's blocks take the place of its old ones."""

from transforms.edits import AddMember, Patch

_MODULE = "vllm.v1.worker.block_table"

PATCH = Patch(
    why=(
        "a sparse request gets all of its blocks anew in a step, but a row of the block table only grows: the "
        "attention would read blocks that the request no longer has"
    ),
    upstream="none: upstream's requests only gain blocks",
    drop_when="MultiGroupBlockTable can clear one row of all of its tables",
    versions=">=0.9.2",
    edits=[
        AddMember(
            inside=f"{_MODULE}.BlockTable",
            after="append_row",
            code="""
                def reset_row(self, row_idx: int) -> None:
                    self.num_blocks_per_row[row_idx] = 0
                    self.block_table_np[row_idx].fill(0)
            """,
            versions="<0.11",
        ),
        AddMember(
            inside=f"{_MODULE}.BlockTable",
            after="append_row",
            code="""
                def reset_row(self, row_idx: int) -> None:
                    self.num_blocks_per_row[row_idx] = 0
                    self.block_table.np[row_idx].fill(0)
            """,
            versions=">=0.11",
        ),
        AddMember(
            inside=f"{_MODULE}.MultiGroupBlockTable",
            after="append_row",
            code="""
                def reset_row(self, row_idx: int) -> None:
                    for block_table in self.block_tables:
                        block_table.reset_row(row_idx)
            """,
        ),
    ],
)
