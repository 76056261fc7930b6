"""The lock: every artifact that may be built from, known by its sha256 before a byte is fetched."""

from build_hooks.lock.lock_file import LOCK_PATH, Lock, dump_lock, parse_lock, read_lock
from build_hooks.lock.locked import KINDS, Kind, LockedArtifact

__all__ = [
    "KINDS",
    "LOCK_PATH",
    "Kind",
    "Lock",
    "LockedArtifact",
    "dump_lock",
    "parse_lock",
    "read_lock",
]
