"""Bring what the points call: the package `vllm.wheelwright_ucm`."""

from transforms.edits import AddModule, Patch

PATCH = Patch(
    why=(
        "UCM patches vLLM while it runs: a process that imports vLLM first, or a Ray worker, has none of it, and its "
        "two sets overwrite each other's functions"
    ),
    upstream="none: it calls UCM, which upstream does not know",
    drop_when="no patch of this platform is left",
    versions=">=0.9.2",
    edits=[
        AddModule(path="vllm/wheelwright_ucm/__init__.py"),
        AddModule(path="vllm/wheelwright_ucm/counterpart.py"),
        AddModule(path="vllm/wheelwright_ucm/recovery.py"),
        AddModule(path="vllm/wheelwright_ucm/steps.py"),
    ],
)
