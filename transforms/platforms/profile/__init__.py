"""Per-step figures of the engine that vLLM does not expose, recorded by every process of it."""

from transforms.edits import PatchSet

PATCH_SET = PatchSet(
    name="profile",
    summary="a recorder compiled in: steps, requests, blocks, experts, graphs; off until asked for",
    source="wheel",
)
