"""Bring what the patches of this platform call: the module `vllm.wheelwright_windows`."""

from transforms.edits import AddModule, Patch

PATCH = Patch(
    why=(
        "locks, process groups and event loops that POSIX has and Windows does not would have to be "
        "written out at every place that needs one"
    ),
    upstream="none: vLLM does not plan to support Windows (its documentation points to WSL and to forks)",
    drop_when="the windows platform is dropped",
    versions=">=0.14.1",
    edits=[AddModule(path="vllm/wheelwright_windows.py")],
)
