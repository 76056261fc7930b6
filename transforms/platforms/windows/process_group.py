"""Give one rank its process group, where PyTorch has neither NCCL nor a working gloo.

The groups that are made from it name gloo, too: `posix_gloo_backends` changes these.
"""

from transforms.edits import AddImport, InsertBefore, Patch, Replace

_STATE = "vllm.distributed.parallel_state"
_INIT = f"{_STATE}.init_distributed_environment"

PATCH = Patch(
    why=(
        "PyTorch's builds for Windows have no NCCL, and gloo without a transport: the start ends in "
        '"makeDeviceForHostname(): unsupported gloo device", even with one GPU, where nobody has to talk'
    ),
    upstream="none: https://github.com/pytorch/pytorch/issues/150381 is about gloo's transport on Windows",
    drop_when="gloo of PyTorch's builds for Windows has a transport",
    versions=">=0.14.1",
    edits=[
        AddImport(inside=_STATE, code="from vllm import wheelwright_windows"),
        InsertBefore(
            inside=_INIT,
            anchor="if not torch.distributed.is_backend_available(backend): $$fall_back",
            code="backend = wheelwright_windows.world_backend(backend, world_size)",
        ),
        # Upstream writes the store like this itself, from 0.28 on for file:// addresses.
        Replace(
            inside=_INIT,
            find="""
                torch.distributed.init_process_group(
                    $$more, backend=backend, init_method=distributed_init_method
                )
            """,
            replace="""
                store = wheelwright_windows.world_store(world_size)
                torch.distributed.init_process_group(
                    $$more,
                    backend=backend,
                    init_method=distributed_init_method if store is None else None,
                    store=store,
                )
            """,
            versions="<0.28",
        ),
        Replace(
            inside=_INIT,
            find="store = None",
            replace="store = wheelwright_windows.world_store(world_size)",
            versions=">=0.28,<0.32",
        ),
        Replace(
            inside=_INIT,
            find='distributed_init_method.startswith("file://")',
            replace='store is None and distributed_init_method.startswith("file://")',
            versions=">=0.28,<0.32",
        ),
        # With data parallelism 0.32 makes a store of its own before.
        Replace(
            inside=_INIT,
            find="store = world_pg_store",
            replace="""
                store = world_pg_store
                if store is None:
                    store = wheelwright_windows.world_store(world_size)
            """,
            versions=">=0.32",
        ),
    ],
)
