"""The SBOM is one by the official schema, says where the sdist comes from, and is reproducible."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from build_hooks.manifest import Origin
from build_hooks.sbom import make_sbom
from tests.build_hooks.command_line import REPOSITORY
from transforms.edits import AddModule, Patch
from transforms.engine.apply import EditedFile
from transforms.engine.outcome import Outcome, Status

ORIGIN = Origin(
    distribution="vllm",
    release="0.14.1",
    version="0.14.1+toy",
    artifact="vllm-0.14.1.tar.gz",
    kind="sdist",
    sha256="ab" * 32,
    size=1,
    timestamp=1_790_000_000,
)
PATCH = Patch(
    why="it <breaks> & ends",
    upstream="u",
    drop_when="d",
    versions="",
    edits=[AddModule(path="a.py")],
)
OUTCOMES = [
    Outcome(patch="toy/a", status=Status.APPLIED),
    Outcome(patch="toy/not", status=Status.EXCLUDED),
    Outcome(patch="wheelwright/b", status=Status.APPLIED),
]
FILES = [
    EditedFile(path="csrc/E=1, N=2.cu", before=b"x", after=b"y", sites=()),
    EditedFile(path="vllm/added.py", before=None, after=b"z", sites=()),
]


def made(origin: Origin = ORIGIN, digest: str = "cd" * 32) -> bytes:
    patches = {outcome.patch: PATCH for outcome in OUTCOMES}
    return make_sbom(origin, patches, OUTCOMES, FILES, digest)


def subject(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data)["metadata"]["component"]
    return found


@pytest.mark.parametrize(
    "origin", [ORIGIN, replace(ORIGIN, sha256=None, artifact="a b/c", kind="folder")]
)
def test_is_valid_by_the_schema_of_cyclonedx_1_6(origin: Origin) -> None:
    data = made(origin)
    assert json.loads(data)["specVersion"] == "1.6"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(data.decode()) is None
    # The validator is one: it refuses what the schema does.
    wrong = data.replace(b'"unofficial"', b'"official"')
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(wrong.decode()) is not None


def test_names_upstreams_file_and_every_applied_patch_in_the_pedigree() -> None:
    component = subject(made())
    assert component["purl"] == "pkg:pypi/vllm@0.14.1%2Btoy"
    (ancestor,) = component["pedigree"]["ancestors"]
    assert ancestor["purl"] == "pkg:pypi/vllm@0.14.1?file_name=vllm-0.14.1.tar.gz"
    assert ancestor["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    patches = component["pedigree"]["patches"]
    assert [item["diff"]["url"] for item in patches] == ["toy/a.diff", "wheelwright/b.diff"]
    assert patches[0]["resolves"][0]["description"] == PATCH.why
    hashes = {item["name"]: item["hashes"][0]["content"] for item in component["components"]}
    assert hashes == {file.path: hashlib.sha256(file.after).hexdigest() for file in FILES}


def test_nothing_is_of_the_time_or_the_process() -> None:
    program = (
        "import sys; from tests.build_hooks.test_sbom import made; sys.stdout.buffer.write(made())"
    )
    for seed, zone in (("1", "Pacific/Chatham"), ("2", "UTC")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=env,
            cwd=REPOSITORY,
            capture_output=True,
            check=True,
        )
        assert done.stdout == made()


def test_another_build_has_another_serial_number() -> None:
    numbers = {
        json.loads(data)["serialNumber"]
        for data in (made(), made(digest="ef" * 32), made(replace(ORIGIN, sha256="0" * 64)))
    }
    assert len(numbers) == 3


def test_a_time_that_no_calendar_has_is_brought_near() -> None:
    data = made(replace(ORIGIN, timestamp=10**15))
    assert json.loads(data)["metadata"]["timestamp"] == "9999-12-31T23:59:59+00:00"
