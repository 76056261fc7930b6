"""Sample with top-k and top-p in PyTorch on MUSA, not with the Triton kernel."""

from transforms.edits import InsertAfter, Patch, Replace

_SAMPLER = "vllm.v1.sample.ops.topk_topp_sampler"

PATCH = Patch(
    why=(
        "MUSA's Triton cannot compile the top-k/top-p kernel: the first batch of 8 that samples with "
        "top_k or top_p ends in a compilation error, from 0.30 on already the warm-up."
    ),
    upstream="none: upstream's Triton compiles the kernel",
    drop_when="MUSA's Triton compiles vllm.v1.sample.ops.topk_topp_triton",
    # Before 0.17 there is no such kernel.
    versions=">=0.17",
    edits=[
        InsertAfter(
            inside=f"{_SAMPLER}.apply_top_k_top_p",
            anchor="""
                if p is None and k is None:
                    return logits
            """,
            code="""
                if current_platform.is_musa():
                    return apply_top_k_top_p_pytorch(logits, k, p)
            """,
        ),
        Replace(
            inside=f"{_SAMPLER}.register_top_k_top_p_warmups",
            find="current_platform.is_cpu()",
            replace="(current_platform.is_cpu() or current_platform.is_musa())",
            versions=">=0.30",
        ),
    ],
)
