"""Choose FLASH_ATTN, and never a backend that needs Triton where there is none."""

from transforms.edits import AddImport, Patch, Replace

_CUDA = "vllm.platforms.cuda"
_PLATFORM = f"{_CUDA}.CudaPlatformBase"

PATCH = Patch(
    why=(
        "TRITON_ATTN and FLEX_ATTENTION can be imported without Triton (vLLM puts a placeholder in its "
        "place), so they are chosen where FLASH_ATTN does not fit, and fail in the middle of the first "
        "request"
    ),
    upstream="none: upstream's builds always bring Triton for CUDA",
    drop_when="the backends themselves say in validate_configuration that they need Triton",
    versions=">=0.14.1",
    edits=[
        AddImport(inside=_CUDA, code="from vllm import wheelwright_windows"),
        Replace(
            inside=f"{_PLATFORM}.get_valid_backends",
            find="backend_class.validate_configuration($$arguments)",
            replace=(
                "backend_class.validate_configuration($$arguments)"
                " or wheelwright_windows.lacks_triton(backend.name)"
            ),
        ),
        Replace(
            inside=f"{_PLATFORM}.get_attn_backend_cls",
            find="backend_class.validate_configuration($$arguments)",
            replace=(
                "backend_class.validate_configuration($$arguments)"
                " or wheelwright_windows.lacks_triton(selected_backend.name)"
            ),
        ),
        # The encoder of a vision model falls back to TORCH_SDPA; Triton is a candidate from 0.17 on.
        Replace(
            inside=f"{_PLATFORM}.get_vit_attn_backend",
            find="if is_backend_supported:",
            replace="""
                if is_backend_supported and not wheelwright_windows.lacks_triton(
                    vit_attn_backend.name
                ):
            """,
            versions=">=0.17",
        ),
    ],
)
