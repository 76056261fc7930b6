"""Each kind of failure has its own exit code, and its message ends with the next step."""

from __future__ import annotations

import re

from build_hooks import errors
from build_hooks.errors import WheelwrightError, did_you_mean
from build_hooks.platforms import PatchModuleError
from tests.build_hooks.command_line import REPOSITORY


def kinds() -> list[type[WheelwrightError]]:
    found = [item for item in vars(errors).values() if isinstance(item, type)]
    return [kind for kind in found if issubclass(kind, WheelwrightError)] + [PatchModuleError]


def test_no_two_kinds_share_an_exit_code_or_a_name() -> None:
    codes = [kind.exit_code for kind in kinds()]
    assert len(set(codes)) == len(codes)
    assert len({kind.kind for kind in kinds()}) == len(codes)
    assert all(0 < code < 126 for code in codes), "above are the shell's own"


def test_the_documentation_has_every_code() -> None:
    text = (REPOSITORY / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    documented = {
        int(row[0]): row[1] for row in re.findall(r"^\| (\d+) \| (\w+) \|", text, re.MULTILINE)
    }
    expected = {kind.exit_code: kind.kind for kind in kinds() if kind is not WheelwrightError}
    assert documented == expected


def test_a_message_ends_with_the_next_step() -> None:
    assert str(WheelwrightError("it failed")) == "it failed"
    assert str(WheelwrightError("it failed", next_step="mend it")) == "it failed\n  next: mend it"


def test_names_the_closest_word_or_all() -> None:
    assert did_you_mean("mussa", ["musa", "ascend"]) == " (did you mean 'musa'?)"
    assert did_you_mean("qqqq", ["musa", "ascend"]) == " (known: ascend, musa)"
