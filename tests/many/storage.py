"""S3 on this machine, by moto."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAKE = "import boto3, sys; boto3.client('s3').create_bucket(Bucket=sys.argv[1])"


@contextlib.contextmanager
def s3(bucket: str) -> Iterator[dict[str, str]]:
    """Run an S3 with a bucket until the block ends.

    Args:
        bucket: its name.

    Yields:
        The environment variables by which others reach it.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    variables = {
        "AWS_ACCESS_KEY_ID": "anybody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        env = {**os.environ, **variables}
        subprocess.run([sys.executable, "-c", _MAKE, bucket], env=env, check=True, timeout=60)
        yield variables
    finally:
        process.terminate()
        process.wait(30)
