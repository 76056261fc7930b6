"""Time the capture of CUDA graphs and their replays, and count these."""

from transforms.edits import AddImport, InsertAfter, InsertBefore, Patch

_IMPORT = "from vllm import wheelwright_profile"
_WRAPPER = "vllm.compilation.cuda_graph"
_BREAKABLE = "vllm.compilation.breakable_cudagraph"
_BREAKABLE_WRAPPER = f"{_BREAKABLE}.BreakableCUDAGraphWrapper"
_MANAGER = "vllm.v1.worker.gpu.cudagraph_utils"
_BEGIN = """
    capture_began = (
        wheelwright_profile.recording.clock() if wheelwright_profile.on else 0
    )
"""
_MODE = "get_forward_context().cudagraph_runtime_mode"


def _captured(mode: str, descriptor: str) -> str:
    return f"""
        if wheelwright_profile.on:
            wheelwright_profile.graphs.captured(
                {mode}, {descriptor}, capture_began
            )
    """


def _replays(
    inside: str, anchor: str, mode: str, descriptor: str, versions: str
) -> list[InsertBefore | InsertAfter]:
    """Put a replay between what counts and begins to time it, and what ends that."""
    before = f"""
        replay = (
            wheelwright_profile.graphs.replaying(
                {mode}, {descriptor}
            )
            if wheelwright_profile.on
            else None
        )
    """
    after = """
        if replay is not None:
            wheelwright_profile.graphs.replayed(replay)
    """
    return [
        InsertBefore(inside=inside, anchor=anchor, code=before, versions=versions),
        InsertAfter(inside=inside, anchor=anchor, code=after, versions=versions),
    ]


PATCH = Patch(
    why=(
        "vLLM logs how long all captures took together, and at most the share of each kind of batch: which graphs are "
        "never replayed, and how long a replay takes on the device, cannot be seen"
    ),
    upstream=(
        "none: cudagraph_metrics (0.14 on) counts batches by padding and mode in the log of statistics, and "
        "times nothing"
    ),
    drop_when="vLLM exposes the capture time, the replays and the device time of each CUDA graph",
    versions=">=0.14.1",
    edits=[
        AddImport(inside=_WRAPPER, code=_IMPORT),
        InsertBefore(
            inside=f"{_WRAPPER}.CUDAGraphWrapper.__call__",
            anchor="cudagraph = torch.cuda.CUDAGraph()",
            code=_BEGIN,
        ),
        InsertAfter(
            inside=f"{_WRAPPER}.CUDAGraphWrapper.__call__",
            anchor="entry.cudagraph = cudagraph",
            code=_captured("self.runtime_mode", "entry.batch_descriptor"),
        ),
        *_replays(
            f"{_WRAPPER}.CUDAGraphWrapper.__call__",
            "entry.cudagraph.replay()",
            "self.runtime_mode",
            "entry.batch_descriptor",
            "",
        ),
        # One wrapper for each mode that the batch is dispatched to.
        AddImport(inside=_BREAKABLE, code=_IMPORT, versions=">=0.22"),
        InsertAfter(
            inside=f"{_BREAKABLE_WRAPPER}._capture",
            anchor="get_offloader().sync_prev_onload()",
            code=_BEGIN,
            versions=">=0.22",
        ),
        InsertAfter(
            inside=f"{_BREAKABLE_WRAPPER}._capture",
            anchor="entry.capture = capture",
            code=_captured(_MODE, "entry.batch_descriptor"),
            versions=">=0.22",
        ),
        *_replays(
            f"{_BREAKABLE_WRAPPER}._replay",
            "entry.capture.replay()",
            _MODE,
            "entry.batch_descriptor",
            ">=0.22",
        ),
        # Model runner V2 keeps the graphs of whole forward passes itself.
        AddImport(inside=_MANAGER, code=_IMPORT),
        InsertBefore(
            inside=f"{_MANAGER}.CudaGraphManager",
            anchor="graph = torch.cuda.CUDAGraph()",
            code=_BEGIN,
        ),
        InsertAfter(
            inside=f"{_MANAGER}.CudaGraphManager",
            anchor="self.graphs[num_tokens] = graph",
            code=_captured("CUDAGraphMode.FULL", "num_tokens"),
            versions="<0.18",
        ),
        InsertAfter(
            inside=f"{_MANAGER}.CudaGraphManager",
            anchor="self.graphs[desc] = graph",
            code=_captured("desc.cg_mode", "desc"),
            versions=">=0.18",
        ),
        *_replays(
            f"{_MANAGER}.CudaGraphManager",
            "self.graphs[num_tokens].replay()",
            "CUDAGraphMode.FULL",
            "num_tokens",
            "<0.18",
        ),
        *_replays(
            f"{_MANAGER}.CudaGraphManager.run_fullgraph",
            "self.graphs[desc].replay()",
            "desc.cg_mode",
            "desc",
            ">=0.18",
        ),
    ],
)
