"""Does the custom all-reduce start between two GPUs, how large, and on which physical devices?"""

from __future__ import annotations

import contextlib
import os
from unittest import mock

import torch
import torch.distributed as dist
from vllm.distributed.device_communicators import custom_all_reduce as module

_VISIBLE = {"CUDA_VISIBLE_DEVICES": "7,6", "MUSA_VISIBLE_DEVICES": "5,3"}


def probe() -> dict[str, object] | str:
    """Make one with the kernels and the process group played by stubs."""
    sent: list[int] = []

    def all_gather(_: object, tensor: torch.Tensor, *, group: object) -> None:
        del group
        sent.append(int(tensor.item()))

    tests_p2p = mock.Mock(return_value=True)
    kernels = mock.Mock(meta_size=lambda: 0, init_custom_ar=lambda *_: 1)
    with contextlib.ExitStack() as stack:
        for target, name, stub in (
            (module, "custom_ar", True),
            (module, "ops", kernels),
            (module, "in_the_same_node_as", lambda *_, **__: [True, True]),
            (module, "_can_p2p", tests_p2p),
            (module.CustomAllreduce, "create_shared_buffer", lambda *_, **__: []),
            (dist, "get_backend", lambda *_: "gloo"),
            (dist, "get_rank", lambda **_: 1),
            (dist, "get_world_size", lambda **_: 2),
            (dist, "all_gather", all_gather),
            (dist, "all_reduce", lambda *_, **__: None),
            (torch, "empty", lambda *_, **__: None),
        ):
            stack.enter_context(mock.patch.object(target, name, stub))
        stack.enter_context(mock.patch.dict(os.environ, _VISIBLE))
        try:
            made = module.CustomAllreduce(object(), torch.device("cuda:1"))
        except AssertionError:
            return "refused"
        usable, made.disabled = not made.disabled, True  # there is nothing to dispose of
    return {
        "usable": usable,
        "max size": made.max_size,
        "physical device": sent[0],
        "tests P2P": tests_p2p.called,
    }
