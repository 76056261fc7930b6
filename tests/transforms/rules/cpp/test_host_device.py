"""Which words are attributes for host and device."""

from __future__ import annotations

import pytest

from transforms.engine.cpp.code import Code
from transforms.rules.cpp.host_device import device_attributes


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("", "__host__"),
        ("", "__device__"),
        ("C10_HOST_DEVICE int x;", "C10_HOST_DEVICE"),
        ("MAYBE_HOST_DEVICE int x;", "MAYBE_HOST_DEVICE"),
        ("CUTLASS_DEVICE int x;", "CUTLASS_DEVICE"),
        ("#define BOTH __host__ __device__\n", "BOTH"),
        ("#define OUTER INNER inline\n#define INNER __device__\n", "OUTER"),
        ("#ifdef A\n#define B\n#else\n#define B C10_HOST_DEVICE\n#endif\n", "B"),
    ],
)
def test_knows_attributes_and_macros(code: str, word: str) -> None:
    assert word in device_attributes(Code(code.encode()))


@pytest.mark.parametrize(
    "code",
    ["#define NONE inline\n", "int DEVICES, GHOST, device, HOSTNAME;", "#define DEVICES 3\n"],
)
def test_leaves_other_words_out(code: str) -> None:
    assert device_attributes(Code(code.encode())) == {"__host__", "__device__"}
