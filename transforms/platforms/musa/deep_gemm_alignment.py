"""Run DeepGEMM's grouped GEMMs with a MUSA DeepGEMM whose alignment is fixed."""

from transforms.edits import InsertBefore, Patch

PATCH = Patch(
    why=(
        "MUSA's deep_gemm has no set_mk_alignment_for_contiguous_layout: the first grouped FP8 GEMM "
        "of a MoE model ends in an AttributeError."
    ),
    upstream="none: upstream's deep_gemm has the setter",
    drop_when="MUSA's deep_gemm has set_mk_alignment_for_contiguous_layout",
    versions=">=0.24",
    edits=[
        InsertBefore(
            inside="vllm.utils.deep_gemm.set_mk_alignment_for_contiguous_layout",
            anchor="dg.set_mk_alignment_for_contiguous_layout(value)",
            code="""
                if current_platform.is_musa() and not hasattr(
                    dg, "set_mk_alignment_for_contiguous_layout"
                ):
                    return
            """,
        ),
    ],
)
