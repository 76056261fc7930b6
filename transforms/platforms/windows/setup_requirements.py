"""Ask for no packages on Windows that have no builds for it: FlashInfer, and what CuTe DSL compiles."""

from transforms.edits import InsertBefore, Patch

PATCH = Patch(
    why=(
        "pip finds no nvidia-cutlass-dsl-libs-base, tilelang, tokenspeed-mla or instanttensor for Windows in "
        "the versions that requirements/cuda.txt pins, and the installation stops; FlashInfer, whose "
        "kernels need the first of them, would be chosen and then fail to compile any"
    ),
    upstream="none: vLLM does not plan to support Windows",
    drop_when="every package of requirements/cuda.txt can be installed on Windows, or is marked as Linux's",
    versions=">=0.14.1",
    edits=[
        InsertBefore(
            inside="setup.get_requirements",
            anchor="""
                if "vllm-flash-attn" in req and cuda_major != "12":
                    $$body
            """,
            code="""
                if sys.platform == "win32" and req.startswith(
                    (
                        "flashinfer-",
                        "instanttensor",
                        "nvidia-cutlass-dsl",
                        "quack-kernels",
                        "tilelang",
                        "tokenspeed-mla",
                    )
                ):
                    # There are no builds for Windows, or none that work; vLLM does without.
                    continue
            """,
        ),
    ],
)
