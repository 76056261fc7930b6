"""An index in S3: written by one and by two, read by pip and uv without a web server between."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.build_hooks.command_line import environment, run, run_json
from tests.index.clients import NEW_CLIENTS
from tests.index.servers import BUCKET, fetch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.index.clients import Client

pytestmark = pytest.mark.index


def test_every_platform_is_installed_from_a_bucket(
    dist: Path,
    objects: tuple[str, dict[str, str]],
    versions: dict[str, str],
    client: Callable[[str], Client],
) -> None:
    url, variables = objects
    env, to = environment(**variables), f"s3://{BUCKET}/team/index"
    first = run_json("index", "build", dist, "--to", to, env=env)
    assert len(first["added"]) == len(versions) + 1
    second = run_json("index", "build", dist, "--to", to, env=env)
    assert (second["added"], second["sent"], second["pages"]) == ([], [], [])
    report = run_json("index", "check", to, env=env)
    assert (report["good"], report["notes"]) == (True, [])
    simple = f"{url}/{BUCKET}/team/index/simple/"
    for name in NEW_CLIENTS:
        who = client(name)
        for version in versions.values():
            done = who.install("--index-url", simple, f"vllm=={version}")
            assert done.returncode == 0, done.stderr
            assert who.installed("vllm") == version
    words = ("index", "client-config", "pip", "vllm==0.33.0+musa", "--to", to)
    done = run(*words, "--url", f"{url}/{BUCKET}/team/index", env=env)
    path = client(NEW_CLIENTS[0]).cache.parent / "s3.txt"
    path.write_text(done.stdout)
    for name in NEW_CLIENTS:
        done = client(name).install("--require-hashes", "-r", path)
        assert done.returncode == 0, done.stderr
        assert client(name).installed("vllm") == "0.33.0+musa"
    assert run(*words, env=env).returncode == 2  # a client cannot read s3://


def test_objects_say_what_they_are(dist: Path, objects: tuple[str, dict[str, str]]) -> None:
    url, variables = objects
    env, to = environment(**variables), f"s3://{BUCKET}/types"
    wheel = next(dist.glob("*+musa-py3*.whl"))
    small = dist.parent / "one"
    small.mkdir()
    os.link(wheel, small / wheel.name)
    added = run_json("index", "build", small, "--to", to, env=env)["added"]
    base = f"{url}/{BUCKET}/types"
    kinds = {
        "index.html": "text/html; charset=utf-8",
        "simple/": "text/html; charset=utf-8",
        "simple/vllm/": "text/html; charset=utf-8",
        "simple/vllm/index.html": "text/html; charset=utf-8",
        "simple/vllm/index.json": "application/vnd.pypi.simple.v1+json",
        f"files/{added[0]['sha256']}/wheelwright/manifest.json": "application/json",
    }
    for name, kind in kinds.items():
        assert fetch(f"{base}/{name}")[0] == kind, name
    assert fetch(f"{base}/simple/vllm/")[1] == fetch(f"{base}/simple/vllm/index.html")[1]


def test_a_bucket_that_is_not_there_is_said(
    dist: Path, objects: tuple[str, dict[str, str]]
) -> None:
    env = environment(**objects[1])
    done = run("index", "build", dist, "--to", "s3://no-such-bucket/index", env=env)
    assert done.returncode == 7, done.stderr
    assert "s3://no-such-bucket/index" in done.stderr
