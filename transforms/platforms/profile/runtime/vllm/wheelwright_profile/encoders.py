# SPDX-License-Identifier: Apache-2.0
"""The encoders of multimodal and encoder-decoder models: how long they took in each step.

The time is the device's where it has one, which the row's context says, and otherwise the host's.
Encoder and decoder are rows of one table; those of the decoder come from `forward`. What vLLM
encodes before the first step, to find out how much memory it takes, is not recorded.
"""

from __future__ import annotations

from . import device, forward, recording

begins = forward.begin_timing


@recording.point("encoder.ends")
def ends(begun: forward.Begun, items: int) -> None:
    """Record the classic model runner's run of the encoders in a step: directly behind it.

    Args:
        begun: what `begins` gave.
        items: how many images, sounds and so on were encoded.
    """
    _ends(begun, items)


@recording.point("encoder.ends_v2")
def ends_v2(begun: forward.Begun, items: int) -> None:
    """Record that of model runner V2; as `ends`."""
    _ends(begun, items)


def _ends(begun: forward.Begun, items: int) -> None:
    duration, step = recording.clock() - begun.clock, recording.step

    def then(device_ns: int | None) -> None:
        if step >= 0:
            measured = begun.time_ns, step, duration, device_ns
            forward.record_component(measured, "encoder", f"{items} items")

    device.stop(begun.on_device, then)
