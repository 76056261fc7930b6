"""Capture graphs in FULL mode on Ascend as for mixed batches, which is what they are replayed for."""

from transforms.edits import Patch, Replace

PATCH = Patch(
    why=(
        "With cudagraph_mode FULL one graph is for all batches, but a batch of equal decodes asks for a graph "
        "of its own kind, with fewer requests in it: on Ascend that ends in an error. Other devices are as before."
    ),
    upstream="https://github.com/vllm-project/vllm/pull/34880",
    drop_when="_create_padded_batch_descriptor does not call a batch uniform in mode FULL",
    versions=">=0.23",
    replaces=("vllm.v1.cudagraph_dispatcher:CudagraphDispatcher._create_padded_batch_descriptor",),
    edits=[
        Replace(
            inside="vllm.v1.cudagraph_dispatcher.CudagraphDispatcher._create_padded_batch_descriptor",
            find="if uniform_decode and self.cudagraph_mode.has_mode(CUDAGraphMode.FULL): $$uniform\nelse: $$mixed",
            replace="""
                from vllm.platforms import current_platform

                if (
                    uniform_decode
                    and self.cudagraph_mode.has_mode(CUDAGraphMode.FULL)
                    and not (
                        current_platform.device_type == "npu"
                        and self.cudagraph_mode == CUDAGraphMode.FULL
                    )
                ):
                    $$uniform
                else:
                    $$mixed
            """,
            as_written=True,
        ),
    ],
)
