"""What one rank can do with the process groups that a worker makes."""

from __future__ import annotations

import socket
import tempfile

import torch
import torch.distributed
from watching import SYSTEM, load, observation


@observation("cuda")
def process_group() -> dict[str, object]:
    """The ranks meet at a TCP address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return _work_alone(f"tcp://127.0.0.1:{port}")


@observation("cuda, again")
def process_group_of_file() -> dict[str, object]:
    """The ranks meet at a file, as newer releases choose themselves."""
    with tempfile.TemporaryDirectory() as folder:
        return _work_alone(f"file://{folder}/world")


@observation("cpu")
def two_ranks() -> str:
    """That more than one rank is refused, not silently computed wrong (Linux: not asked)."""
    if SYSTEM == "linux":
        return "not asked"
    try:
        load("wheelwright_windows").world_backend("nccl", 2)
    except RuntimeError as error:
        return str(error).partition(":")[0]
    return "accepted"


def _work_alone(address: str) -> dict[str, object]:
    config, state = load("config"), load("distributed.parallel_state")
    with config.set_current_vllm_config(config.VllmConfig()):
        state.init_distributed_environment(1, 0, address, 0, "nccl")
        state.initialize_model_parallel(1, 1)
        world, group = state.get_world_group(), state.get_tp_group()
        group.barrier()
        torch.distributed.barrier(group=world.cpu_group)
        objects = [{"a": 1}]
        torch.distributed.broadcast_object_list(objects, src=0, group=world.cpu_group)
        gathered: list[object] = [None]
        torch.distributed.all_gather_object(gathered, "mine", group=world.cpu_group)
        total = torch.ones(3)
        torch.distributed.all_reduce(total, group=world.cpu_group)
        return {
            "rank": [world.rank, world.rank_in_group, torch.distributed.get_rank()],
            "world size": [world.world_size, torch.distributed.get_world_size()],
            "nodes": state._node_count(world.cpu_group),
            "broadcast_object": group.broadcast_object({"a": [1]}),
            "broadcast_object_list": objects,
            "all_gather_object": gathered,
            "broadcast_tensor_dict": list(group.broadcast_tensor_dict({"x": total}) or ()),
            "all_reduce": total.tolist(),
            "tensor": group.all_gather(torch.arange(2), 0).tolist(),
        }
