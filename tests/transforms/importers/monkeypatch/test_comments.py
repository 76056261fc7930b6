"""The comments in which plugins say why they patch."""

from __future__ import annotations

from textwrap import dedent

from transforms.engine.syntax.source import Source
from transforms.importers.monkeypatch.comments import entries_in, first_comment

_GUIDE = """
    # * Platform Patch:
    # =================
    # ** File: platform/patch_a.py **
    # ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    #   1. `vllm.ops.compute`
    #      `vllm.user.compute`
    #    Why:
    #       It is slow
    #       on the device.
    #    How\uff1a
    #       Replace it:
    #         * one thing
    #         - another
    #    Related PR (if no, explain why):
    #       No, not ready yet.
    #       https://example.org/pull/1
    #    Future Plan:
    #       1. Wait.
    #       2. Remove it.
    #   2. `vllm.ops.other`
    #    Why: in one line
    #
    # ** 3a. File: worker/patch_b.py**
    #   1. `vllm.ops.x`
    #   2. `vllm.ops.y`
    #    Why:
    #       Both.
    # * Worker Patch:
    #    Why: this belongs to no file
    x = "# ** File: in/a/text.py **"
    """


def _source(text: str, path: str = "plug/patch/__init__.py") -> Source:
    return Source(path, dedent(text).removeprefix("\n").encode())


def test_the_format_of_the_guide_is_read_with_what_people_make_of_it() -> None:
    first, second, third = entries_in(_source(_GUIDE))
    assert (first.file, first.line) == ("platform/patch_a.py", 5)
    assert first.targets == ("vllm.ops.compute", "vllm.user.compute")
    assert first.why == "It is slow on the device."
    assert first.how == "Replace it:\n* one thing\n- another"
    assert first.related == "No, not ready yet.\nhttps://example.org/pull/1"
    assert first.future == "1. Wait.\n2. Remove it."
    assert first.missing == ()
    assert (second.targets, second.why) == (("vllm.ops.other",), "in one line")
    assert second.missing == ("how", "related", "future")
    assert (third.file, third.targets) == ("worker/patch_b.py", ("vllm.ops.x", "vllm.ops.y"))


def test_an_assignment_in_backquotes_names_what_is_assigned_to() -> None:
    (entry,) = entries_in(_source("# ** File: a.py**\n#  1. `m.f = g`\n#   Why: w\n"))
    assert entry.targets == ("m.f",)


def test_a_patch_module_may_say_it_itself_without_a_heading() -> None:
    (entry,) = entries_in(_source("# Future Plan:\n#   Remove it.\n", "plug/patch/a.py"))
    assert (entry.file, entry.future) == ("", "Remove it.")
    assert list(entries_in(_source("# Why not?\nx = 1  # Why: no\n", "plug/patch/a.py"))) == []


def test_the_first_comment_is_what_stands_behind_the_license() -> None:
    text = """
        # Copyright (c) 2025 Somebody
        # limitations under the License.
        #
        # Makes the scheduler fair.
        # mypy: ignore-errors
        import os
        # It is needed twice.
        x = 1
        # not the first
        """
    assert first_comment(_source(text)) == "Makes the scheduler fair.\nIt is needed twice."
