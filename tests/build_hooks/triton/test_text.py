"""The report on a terminal says what compiles, and what does not by its missing feature."""

from __future__ import annotations

from textwrap import dedent

from build_hooks.triton.text import report_lines, verdict_line
from tests.build_hooks.triton.reports import HOSTILE, report_of


def test_the_summary_and_what_stops_the_rest() -> None:
    text = "\n".join(report_lines(report_of("stops"), verbose=False))
    assert text + "\n" == dedent(
        """\
        vLLM 0.33.0, musa, on Triton 3.1.0 for cuda:90:32

                                                              before  after     of
        kernels that compile                                       4      4      5
        kernels that compile and can be launched                   3      2      5
        functions compiled, those that kernels call included       4      5      7
        functions whose cache_key can be computed                  6      5      7
        no configuration is recorded for 1 function

        What still stops:
          tl.gather: 3 functions
              ops/a.py::launch  at launch
              ops/a.py::lost
              ops/a.py::unlaunched  at launch

        What the patches took away:
          ops/a.py::lost: AttributeError: module 'triton.language' has no attribute 'gather'
          ops/a.py::unlaunched: AttributeError: module 'triton.language' has no attribute 'gather'

        FAIL: 4 of 5 kernels compile (4 before), 2 can be launched (3 before), 2 functions lost
        """
    )


def test_every_function_is_named_where_it_is_asked() -> None:
    lines = list(report_lines(report_of(), verbose=True))
    for line in (
        "ops/a.py::holds: compiles",
        "ops/a.py::gained: stops at an annotated assignment -> compiles",
        "ops/a.py::helper: no configuration recorded -> compiles in ops/a.py::gained",
        "ops/a.py::launch: compiles, launch stops at tl.gather",
        "ops/a.py::unrecorded: no configuration recorded",
    ):
        assert line in lines


def test_what_has_no_name_is_marked_as_the_compilers_word() -> None:
    lines = list(report_lines(report_of(), verbose=False))
    assert f"  E: {HOSTILE}: 1 function  (said by the compiler)" in lines


def test_the_verdict_agrees_with_the_report() -> None:
    assert verdict_line(report_of()).startswith("FAIL: ")
    assert verdict_line(report_of("lost", "unlaunched")).startswith("PASS: ")
