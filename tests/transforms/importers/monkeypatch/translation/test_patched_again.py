"""A plugin whose patches are compiled in, and that applies them once more while it runs."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.transforms.importers.monkeypatch.translation.compiled_plugins import (
    compile_plugin,
)
from tests.transforms.importers.monkeypatch.translation.other_forms import OTHER_FORMS
from tests.transforms.importers.monkeypatch.translation.twice_patched import ENGINE, PROBE, USER
from tests.transforms.importers.monkeypatch.translation.wrap_forms import FORMS, RECORD

if TYPE_CHECKING:
    from pathlib import Path

# These are not compiled, so that only the plugin itself does it.
LEFT = {"an inherited class method", "a class method, by its function", "a property"}
LEFT |= {"a registry's entry", "a value made of the old one", "a list that grows"}
# What the plugin itself does once only.
KEPT = "vllm.engine.Engine._plug_step"


EVERY = {**FORMS, **OTHER_FORMS}


@pytest.mark.parametrize("form", EVERY)
def test_what_is_compiled_in_and_patched_again_happens_once(form: str, tmp_path: Path) -> None:
    done = compile_plugin(
        {"engine.py": ENGINE, "user.py": USER}, dedent(RECORD) + dedent(EVERY[form])
    )
    stock, patched, compiled, twice = done.answers(PROBE, tmp_path)
    assert (compiled == stock) is (form in LEFT)
    assert (compiled == patched) is (form not in LEFT)
    assert stock != patched == twice
    assert done.rebound(tmp_path) == [name for name in done.marks if name != KEPT]
    assert bool(done.marks) is (form not in LEFT)
