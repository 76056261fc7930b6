"""Bring what the patches of this platform call: the package `vllm.wheelwright_windows`."""

from transforms.edits import AddModule, Patch

# Every file of runtime/vllm/wheelwright_windows. `build_hooks` refuses a file there that is not listed
# here, and a line here that has no file.
FILES = (
    "__init__.py",
    "addresses.py",
    "attention_backends.py",
    "event_loops.py",
    "file_locks.py",
    "missing_modules.py",
    "polling.py",
    "process_group.py",
    "processes.py",
)

PATCH = Patch(
    why=(
        "locks, process groups and event loops that POSIX has and Windows does not would have to be "
        "written out at every place that needs one"
    ),
    upstream="none: vLLM does not plan to support Windows (its documentation points to WSL and to forks)",
    drop_when="the windows platform is dropped",
    versions=">=0.14.1",
    edits=[AddModule(path=f"vllm/wheelwright_windows/{name}") for name in FILES],
)
