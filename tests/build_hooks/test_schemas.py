"""Every command with `--json` has a committed schema; `run_json` holds every result against it."""

from __future__ import annotations

from argparse import ArgumentParser, _SubParsersAction
from typing import TYPE_CHECKING

import jsonschema
import pytest

from build_hooks.__main__ import command_module, command_names
from build_hooks.commands._shared import SCHEMA
from build_hooks.manifest import SCHEMA as MANIFEST_SCHEMA
from tests.build_hooks.command_line import REPOSITORY, run_json, schema

if TYPE_CHECKING:
    from pathlib import Path


def takes_json(parser: ArgumentParser) -> bool:
    """Tell whether a command, or each of its sub-commands, has the option."""
    below = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    if below:
        return all(takes_json(each) for action in below for each in action.choices.values())
    return "--json" in parser.format_help()


def with_json() -> set[str]:
    found = set()
    for name in command_names():
        parser = ArgumentParser()
        command_module(name).add_arguments(parser)
        if takes_json(parser):
            found.add(name)
    return found


def test_every_command_writes_json_and_has_a_schema() -> None:
    files = (REPOSITORY / "docs" / "schemas").glob("*.schema.json")
    assert with_json() == set(command_names())
    names = {file.name.partition(".")[0] for file in files}
    assert names == {*command_names(), "manifest"}


@pytest.mark.parametrize("command", command_names())
def test_a_schema_is_one_and_names_its_version(command: str) -> None:
    found = schema(command)
    jsonschema.Draft202012Validator.check_schema(found)
    kinds = found.get("oneOf", [found])
    for kind in kinds:
        assert kind["properties"]["schema"] == {"const": SCHEMA}
        assert kind["properties"]["command"] == {"const": command}
        assert kind["additionalProperties"] is False
        assert set(kind["required"]) >= {"schema", "command"}


def test_a_field_too_many_or_too_few_is_refused() -> None:
    document = run_json("list")
    for wrong in ({**document, "more": 1}, {**document, "schema": 2}, {"schema": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema("list"))


def test_the_schema_of_manifests_is_one_and_refuses_what_is_none(wheel: Path) -> None:
    found = schema("manifest")
    jsonschema.Draft202012Validator.check_schema(found)
    assert found["properties"]["schema"] == {"const": MANIFEST_SCHEMA}
    manifest = run_json("show", wheel)["manifest"]
    refused = [{**manifest, "digest": "0"}, {**manifest, "output": "egg"}]
    refused += [{key: manifest[key] for key in manifest if key != left} for left in manifest]
    for wrong in refused:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, found)
