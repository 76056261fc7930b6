"""Bring the points' code: the package `vllm.wheelwright_ucm_sparse` that finds UCM, or does nothing."""

from transforms.edits import AddModule, Patch

# Every file of runtime/vllm/wheelwright_ucm_sparse, without its folder. `build_hooks` refuses a file there
# that is not listed here, and a line here that has no file: add a module and its line together.
FILES = (
    "__init__.py",
    "agents.py",
    "attention.py",
    "hashes.py",
    "layers.py",
    "mla.py",
    "runner.py",
    "scheduling.py",
)

PATCH = Patch(
    why=(
        "UCM's sparse methods are called by functions of vLLM that UCM replaces while it runs; where uc-manager "
        "is absent or not asked for, its git patches do not even import"
    ),
    upstream="none: vLLM has no interface for sparse attention by a plugin (uc-manager patches it)",
    drop_when="vLLM has an interface through which uc-manager's sparse methods are called",
    versions=">=0.9.2",
    edits=[AddModule(path=f"vllm/wheelwright_ucm_sparse/{name}") for name in FILES],
)
