"""What is told of the places that a rule refuses."""

from __future__ import annotations

from transforms.engine.cpp.code import code_of
from transforms.engine.outcome import Status
from transforms.engine.site import text_site
from transforms.engine.syntax.source import Source
from transforms.rules.cpp.refusal import Refusal, found_in


def test_tells_the_first_and_notes_the_others_in_the_order_of_the_file() -> None:
    source = Source("csrc/x.cu", b"a\n  b;  // \xe9\nc\n")
    code = source.once(code_of)
    site = text_site(source, 0, 1, "z")
    found = found_in("mine", source, code, [Refusal(3, "third"), site, Refusal(1, "second")])
    assert found.sites == (site,)
    problem = found.problem
    assert problem is not None
    assert (problem.status, problem.reason, problem.line) == (Status.DRIFTED, "second", 2)
    assert problem.closest == "b;  // \ufffd"
    assert problem.looked_for == "rule mine"
    assert problem.notes == ("csrc/x.cu:3: third",)


def test_no_refusal_is_no_problem() -> None:
    source = Source("csrc/x.cu", b"a")
    assert found_in("mine", source, source.once(code_of), []).problem is None
