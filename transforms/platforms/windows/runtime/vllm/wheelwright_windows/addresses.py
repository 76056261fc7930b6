"""Addresses at which processes of one machine meet."""

from __future__ import annotations

import hashlib
import sys

# Neither well-known ports nor those that Windows gives to whoever asks for any (from 49152 on).
_PORTS = range(32768, 49152)


def ipc_address(address: str) -> str:
    """Give the address on which both ends of an `ipc://` one meet: itself, on Windows one of TCP.

    The port follows from the text, so that two processes which put together the same text meet.

    Args:
        address: as ZeroMQ takes it, e.g. "ipc:///tmp/lookup_0".
    """
    if sys.platform != "win32":
        return address
    number = int.from_bytes(hashlib.sha256(address.encode()).digest()[:4], "big")
    return f"tcp://127.0.0.1:{_PORTS[number % len(_PORTS)]}"
