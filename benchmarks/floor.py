"""The streaming floor: an sdist's package into a wheel, nothing matched and nothing checked.

The least work that a patched wheel can take: decompress, walk the tar, hash, compress with zlib at
level 6, write. Run as `python benchmarks/floor.py SDIST WHEEL`.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import sys
import zlib
from pathlib import Path

BLOCK = 512


def members(tar: memoryview) -> list[tuple[str, memoryview]]:
    """Read the regular files below `vllm/` from a tar in memory (ustar, pax and GNU names)."""
    found = []
    at = 0
    long_name = ""
    while at + BLOCK <= len(tar) and tar[at]:
        header = bytes(tar[at : at + BLOCK])
        size = int(header[124:136].rstrip(b"\0 ") or b"0", 8)
        kind = header[156:157]
        body = tar[at + BLOCK : at + BLOCK + size]
        if kind == b"L":
            long_name = bytes(body).rstrip(b"\0").decode()
        elif kind == b"x":
            for line in bytes(body).split(b"\n"):
                if b" path=" in line:
                    long_name = line.split(b" path=", 1)[1].decode()
        else:
            prefix = header[345:500].rstrip(b"\0").decode()
            short = header[:100].rstrip(b"\0").decode()
            name = (long_name or (f"{prefix}/{short}" if prefix else short)).partition("/")[2]
            if kind in b"0\0" and name.startswith("vllm/"):
                found.append((name, body))
            long_name = ""
        at += BLOCK + -(-size // BLOCK) * BLOCK
    return found


def deflate(data: bytes | memoryview) -> bytes:
    """Compress as a zip member."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def main(source: str, target: str) -> None:
    """Stream the package of an sdist into a wheel."""
    packed = Path(source).read_bytes()
    hashlib.sha256(packed).hexdigest()
    tar = memoryview(zlib.decompress(packed, 31))
    record: list[str] = []
    directory: list[bytes] = []
    offset = 0
    found = sorted(members(tar), key=lambda pair: pair[0])
    with Path(target).open("wb") as wheel:
        for name, data in [*found, ("vllm.dist-info/RECORD", memoryview(b""))]:
            body = data or memoryview("".join(record).encode())
            digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(body)}\n")
            small = deflate(body)
            fields = (zlib.crc32(body), len(small), len(body))
            encoded = name.encode()
            local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, *fields, len(encoded), 0)
            wheel.write(local + encoded + small)
            directory.append(
                struct.pack(
                    "<4s6H3L5H2L",
                    b"PK\1\2",
                    20,
                    20,
                    0,
                    8,
                    0,
                    33,
                    *fields,
                    len(encoded),
                    0,
                    0,
                    0,
                    0,
                    0o100644 << 16,
                    offset,
                )
                + encoded
            )
            offset += len(local) + len(encoded) + len(small)
        whole = b"".join(directory)
        wheel.write(whole)
        wheel.write(
            struct.pack(
                "<4s4H2LH", b"PK\5\6", 0, 0, len(directory), len(directory), len(whole), offset, 0
            )
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
