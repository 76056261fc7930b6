"""Give every platform a method that tells whether it is MUSA."""

from transforms.edits import AddMember, Patch

PATCH = Patch(
    why=(
        "Platform knows is_cuda(), is_rocm(), is_xpu(), but a plugin platform is only "
        "is_out_of_tree(): code cannot tell MUSA from Ascend, so no guard can be written."
    ),
    upstream="none: vLLM names no out-of-tree platform in its own sources",
    drop_when="vllm.platforms.interface.Platform has is_musa()",
    versions=">=0.9.2",
    edits=[
        AddMember(
            inside="vllm.platforms.interface.Platform",
            after="is_out_of_tree",
            code='''
                def is_musa(self) -> bool:
                    """Tell whether this is the platform of Moore Threads GPUs."""
                    return self.device_type == "musa"
            ''',
        ),
    ],
)
