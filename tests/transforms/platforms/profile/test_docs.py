"""docs/profile.md has every table, column, file and variable, and no others."""

from __future__ import annotations

import re

import pytest

from tests.transforms.platforms.profile.loaded import FOLDER
from tests.transforms.platforms.profile.runtime.command.commands import package

TEXT = (FOLDER.parents[5] / "docs/profile.md").read_text(encoding="utf-8")
TABLES = package("tables").TABLES


def part(title: str) -> list[list[str]]:
    """Give the cells of the first table below a heading."""
    text = TEXT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_table_is_described() -> None:
    assert [row[0].strip("`") for row in part("Tables")] == list(TABLES)


@pytest.mark.parametrize("row", part("Tables"), ids=lambda row: row[0])
def test_a_tables_columns_are_its_own(row: list[str]) -> None:
    # What stands in brackets is said of a column.
    named = re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", row[2]))
    assert named == [column.name for column in TABLES[row[0].strip("`")]]


def test_every_file_is_described_with_its_columns() -> None:
    files = package("command.profilemate").FILES
    named = {row[0].strip("`"): row[1].strip("`") for row in part("ProfileMate's files")}
    assert named == {file.name: file.columns for file in files}
    for name in package("command.profilemate").SUMMARIES:
        assert f"`{name}`" in TEXT


def test_every_variable_is_described() -> None:
    settings = package("settings")
    rows = {row[0].strip("`"): row[1].strip("`") for row in part("Switching it on")}
    names = [value for name, value in vars(settings).items() if name.isupper() and _is_name(value)]
    assert sorted(rows) == sorted(names)
    assert rows["VLLM_PROFILING_DIR"] == str(settings.DEFAULT_DIRECTORY)
    assert rows["VLLM_PROFILING_LOG_INTERVAL"] == str(settings.DEFAULT_INTERVAL)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.startswith("VLLM_")


def test_every_patch_with_points_is_in_the_table_of_what_is_silent() -> None:
    text = TEXT.split("| points of |", 1)[1].split("\n\n", 1)[0]
    rows = [line.split("|")[1] for line in text.splitlines()[2:]]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {point.patch for point in package("points").POINTS}


def test_every_command_is_shown() -> None:
    shown = re.findall(
        r"^ {4}python -m vllm\.wheelwright (profile|diagnose)(.*?)(?:#|$)", TEXT, re.MULTILINE
    )
    parser = package("command.arguments").parser()
    for command, rest in shown:
        words = [word.strip("[]") for word in rest.split() if word != "[--json]"]
        parser.parse_args([command, *words])
    assert len(shown) == 8
