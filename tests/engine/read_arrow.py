"""Write the streams of a session as JSON lines, as pyarrow reads them.

    python read_arrow.py SESSION FOLDER

It runs inside of the engine's environment, as a plain file, with pyarrow on PYTHONPATH.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow as pa


def main(session: Path, folder: Path) -> None:
    """Read complete IPC streams, one after the other, to the end of each file."""
    folder.mkdir()
    for path in session.glob("*.arrow"):
        with pa.OSFile(str(path)) as source, (folder / f"{path.stem}.jsonl").open("w") as lines:
            while source.tell() < source.size():
                with pa.ipc.open_stream(source) as stream:
                    table = stream.schema.metadata[b"table"].decode()
                    for row in stream.read_all().to_pylist():
                        lines.write(json.dumps({"table": table, **row}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
