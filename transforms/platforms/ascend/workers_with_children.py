"""Let workers on Ascend have a process of their own, which balances experts."""

from transforms.edits import InsertAfter, Patch

# vllm-ascend rebinds MultiprocExecutor to a subclass with copies of _init_executor and make_worker_process.
# They lost the binding to NUMA nodes and the OpenMP threads of upstream's, and the broadcast queue's own address.
PATCH = Patch(
    why=(
        "Workers are daemonic, and such a process may have no children: with DYNAMIC_EPLB or EXPERT_MAP_RECORD, "
        'for which vllm-ascend starts one, the worker ends in "AssertionError: daemonic processes are not allowed '
        'to have children". Without them, and on other devices, workers are as before.'
    ),
    upstream="none: nobody has asked for workers with children there",
    drop_when="make_worker_process lets the platform choose `daemon`, or vllm-ascend balances experts in a thread",
    versions=">=0.23",
    replaces=("vllm.v1.executor.multiproc_executor:MultiprocExecutor",),
    edits=[
        InsertAfter(
            inside="vllm.v1.executor.multiproc_executor.WorkerProc.make_worker_process",
            anchor="proc = context.Process($$arguments)",
            code="""
                if current_platform.device_type == "npu" and (
                    os.getenv("DYNAMIC_EPLB", "false").lower() in ("true", "1")
                    or os.getenv("EXPERT_MAP_RECORD", "false") == "true"
                ):
                    proc.daemon = False
            """,
        ),
    ],
)
