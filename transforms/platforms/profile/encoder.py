"""Time the encoders of multimodal models, apart from the decoder that a forward pass is."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

_Edit = AddImport | InsertBefore | InsertAfter

_CLASSIC = "vllm.v1.worker.gpu_model_runner"
_V2 = "vllm.v1.worker.gpu.mm.encoder_runner"
# One turn for each batch of items of one modality.
_ENCODES = "for modality, num_items, $batch in $batches: $$encode"
_BEGINS = """
    if wheelwright_profile.on:
        encoder_begun = wheelwright_profile.encoders.begins()
"""
_ENDS = """
    if wheelwright_profile.on:
        wheelwright_profile.encoders.{ends}(encoder_begun, len(mm_kwargs))
"""


def _edits(module: str, function: str, ends: str, versions: str) -> list[_Edit]:
    inside, code = f"{module}.{function}", _ENDS.format(ends=ends)
    return [
        AddImport(inside=module, code="from vllm import wheelwright_profile", versions=versions),
        InsertBefore(inside=inside, anchor=_ENCODES, code=_BEGINS, versions=versions),
        InsertAfter(inside=inside, anchor=_ENCODES, code=code, versions=versions),
    ]


PATCH = Patch(
    why=(
        "with a multimodal or an encoder-decoder model nobody can tell how much of a step went into the "
        "encoder and how much into the decoder"
    ),
    upstream=(
        "none: enable_mm_processor_stats synchronizes the device around each encoder batch, and keeps "
        "its times for a benchmark to fetch"
    ),
    drop_when="vLLM exposes the encoder's time of each step without synchronizing the device",
    versions=">=0.14.1",
    edits=[
        *_edits(_CLASSIC, "GPUModelRunner._execute_mm_encoder", "ends", ""),
        # Model runner V2 runs no encoder before 0.16.
        *_edits(_V2, "EncoderRunner.execute_mm_encoder", "ends_v2", ">=0.16"),
    ],
)
