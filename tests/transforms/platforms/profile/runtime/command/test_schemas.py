"""What `--json` writes is as docs/schemas/profile says, whatever was recorded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.transforms.platforms.profile.runtime.command.commands import package, run_good
from tests.transforms.platforms.profile.runtime.command.sessions import REPOSITORY
from tests.transforms.platforms.profile.runtime.command.test_diagnose import diagnose, wheel

if TYPE_CHECKING:
    from pathlib import Path

SCHEMAS = ("summary", "diagnose")


def schema(name: str) -> dict[str, Any]:
    path = REPOSITORY / "docs" / "schemas" / "profile" / f"{name}.schema.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one_and_names_its_version(name: str) -> None:
    found = schema(name)
    jsonschema.Draft202012Validator.check_schema(found)
    assert found["properties"]["schema"] == {"const": package(f"command.{name}").SCHEMA}
    assert found["additionalProperties"] is False


@pytest.mark.parametrize("kind", ["folder", "empty_folder"])
@pytest.mark.parametrize("name", SCHEMAS)
def test_a_session_is_told_as_the_schema_says(
    request: pytest.FixtureRequest, name: str, kind: str
) -> None:
    session: Path = request.getfixturevalue(kind)
    words = ("profile", session, "summary") if name == "summary" else ("diagnose", session)
    document = run_good(*words, "--json").document
    jsonschema.validate(document, schema(name))
    for wrong in ({**document, "more": 1}, {**document, "schema": 2}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema(name))


def test_a_failure_and_a_wheel_are_told_as_the_schema_says(tmp_path: Path) -> None:
    done = diagnose(tmp_path, {"requests.added": 1}, forward_v2="excluded")
    assert done.code == 1
    jsonschema.validate(done.document, schema("diagnose"))
    assert done.document["wheel"]["version"] == wheel()["version"]


def test_no_session_is_told_as_the_schema_says(tmp_path: Path) -> None:
    environment = {"VLLM_PROFILING_DIR": str(tmp_path)}
    document = run_good("diagnose", "--json", environment=environment).document
    assert document["session"] is None
    jsonschema.validate(document, schema("diagnose"))
