"""The SBOM is one by the official schema, says where a build comes from, and is reproducible."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from build_hooks.sbom import make_sbom
from tests.build_hooks.command_line import REPOSITORY

WHY = "it <breaks> & ends"
PATCHES: list[dict[str, Any]] = [
    {"name": "toy/a", "outcome": "applied", "why": WHY},
    {"name": "toy/not", "outcome": "excluded", "why": WHY},
    {"name": "wheelwright/b", "outcome": "applied", "why": WHY},
]
FILES: list[dict[str, Any]] = [
    {"path": "csrc/E=1, N=2.cu", "sha256_before": "01" * 32, "sha256_after": "02" * 32},
    {"path": "vllm/added.py", "sha256_before": None, "sha256_after": "03" * 32},
]
ARTIFACT = {"filename": "vllm-0.14.1.tar.gz", "kind": "sdist", "sha256": "ab" * 32, "size": 1}
MANIFEST: dict[str, Any] = {
    "builder": {"name": "vllm-wheelwright", "version": "1.2"},
    "distribution": "vllm",
    "release": "0.14.1",
    "version": "0.14.1+toy",
    "artifact": ARTIFACT,
    "timestamp": 1_790_000_000,
    "digest": "cd" * 32,
    "patches": PATCHES,
    "files": FILES,
}
DIFFS = {"toy/a": b"+new\n", "wheelwright/b": b"+\xff\n", "wheelwright/notice": b"+#\n"}
METADATA = "Name: vllm\nLicense-Expression: Apache-2.0\n\nLicense: of the text\n"


def made(metadata: str = METADATA, **changes: object) -> bytes:
    manifest = json.dumps({**MANIFEST, **changes}).encode()
    return make_sbom(manifest, DIFFS, metadata, "../wheelwright/")


def subject(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data)["metadata"]["component"]
    return found


@pytest.mark.parametrize(
    "artifact", [ARTIFACT, {**ARTIFACT, "sha256": None, "filename": "a b/c", "kind": "folder"}]
)
def test_is_valid_by_the_schema_of_cyclonedx_1_6(artifact: dict[str, object]) -> None:
    data = made(artifact=artifact)
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
    patches = {
        item["resolves"][0]["name"]: (item["resolves"][0]["description"], item["diff"])
        for item in component["pedigree"]["patches"]
    }
    assert set(patches) == {"toy/a", "wheelwright/b", "wheelwright/notice"}
    why, diff = patches["toy/a"]
    assert (why, diff["url"], diff["text"]["content"]) == (
        WHY,
        "../wheelwright/toy/a.diff",
        "+new\n",
    )
    assert base64.b64decode(patches["wheelwright/b"][1]["text"]["content"]) == b"+\xff\n"
    hashes = {item["name"]: item["hashes"][0]["content"] for item in component["components"]}
    assert hashes == {file["path"]: file["sha256_after"] for file in FILES}


def test_has_the_licence_that_upstream_declares() -> None:
    for metadata, expected in (
        (METADATA, [{"expression": "Apache-2.0", "acknowledgement": "declared"}]),
        (
            "License: A licence\n",
            [{"license": {"name": "A licence", "acknowledgement": "declared"}}],
        ),
        ("Name: vllm\n\nLicense: of the text\n", None),
    ):
        data = made(metadata)
        component = subject(data)
        assert component.get("licenses") == expected
        assert component["pedigree"]["ancestors"][0].get("licenses") == expected
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(data.decode()) is None


def test_names_the_plugin_that_was_compiled_in_as_an_ancestor() -> None:
    plugin = {"name": "p-q", "version": None, "filename": "p.whl", "sha256": "0" * 64}
    data = made(plugin=plugin)
    names = [item["name"] for item in subject(data)["pedigree"]["ancestors"]]
    assert names == ["p-q", "vllm"]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(data.decode()) is None


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
    artifact = {**ARTIFACT, "sha256": "0" * 64}
    numbers = {
        json.loads(data)["serialNumber"]
        for data in (made(), made(digest="ef" * 32), made(artifact=artifact))
    }
    assert len(numbers) == 3


def test_a_time_that_no_calendar_has_is_brought_near() -> None:
    data = made(timestamp=10**15)
    assert json.loads(data)["metadata"]["timestamp"] == "9999-12-31T23:59:59+00:00"
