"""The closest code to a pattern, and what differs: what an author reads first after drift."""

from __future__ import annotations

import pytest

from tests.transforms.trees import source_of
from transforms.engine.explaining.closest import Closest, closest_to
from transforms.engine.patterns.pattern import Pattern

_CODE = """
    @decorated
    def run(self, device):
        if self.device_config.device_type == "cuda":
            return start(device)
        for item in self.items:
            item.stop()
        self.memory = measure(device, retries=3)
        raise RuntimeError("x")
"""


def _closest(pattern: str, code: str = _CODE) -> Closest:
    source = source_of(code)
    return closest_to(Pattern.parse(pattern), source.module, source)


@pytest.mark.parametrize(
    ("pattern", "closest", "line"),
    [
        ('$d.type == "cuda"', 'self.device_config.device_type == "cuda"', 3),
        ("begin(device)", "start(device)", 4),
        ("for item in items:\n    item.stop()", "for item in self.items:", 5),
        ("for item in self.items:\n    item.halt()\nmore()", "for item in self.items:", 5),
        ("def run(device): pass", "def run(self, device):", 2),
        ("def run(device):", "def run(self, device):", 2),
        ("if $a == 'cpu':\n    $$body", 'if self.device_config.device_type == "cuda":', 3),
        ("@decorated\n@cached", "decorated", 1),
        ("raise ValueError('x')", 'raise RuntimeError("x")', 7 + 1),
        ("trace(measure(device, retries=3))", "measure(device, retries=3)", 7),
    ],
)
def test_the_closest_code_is_of_the_kind_that_is_looked_for(
    pattern: str, closest: str, line: int
) -> None:
    found = _closest(pattern)
    assert (found.text, found.line) == (closest, line)


@pytest.mark.parametrize(
    "pattern",
    [
        "completely.different[1:2]",
        # Only the structure is shared, as with almost all code.
        "MAXIMUM = $value",
        "$a < $b",
    ],
)
def test_nothing_is_closest_where_nothing_is_close(pattern: str) -> None:
    assert _closest(pattern) == Closest()


@pytest.mark.parametrize(
    ("pattern", "difference"),
    [
        ('self.device_config.device_type == "cpu"', '"cpu" -> "cuda"'),
        ('self.device_config.device_type != "cuda"', "!= -> =="),
        ('self.device_config.kind == "cuda"', ".kind -> .device_type"),
        ("measure(host, retries=3)", "host -> device"),
        ("measure(device)", "added retries=3"),
        ("measure(device, retries=3, warm=True)", "without warm=True"),
        ("measure($d, tries=3)", "tries= -> retries="),
        ("def run(device):", "added self"),
        ("measure(host, retries=4)", ""),
    ],
)
def test_one_difference_is_named(pattern: str, difference: str) -> None:
    found = _closest(pattern)
    assert found.line
    assert found.difference == difference


def test_the_whole_scope_is_not_its_own_closest_code() -> None:
    source = source_of("def run(self): pass\n")
    (function,) = source.module.body
    assert closest_to(Pattern.parse("def run(): pass"), function, source) == Closest()


def test_a_change_of_syntax_is_nearer_than_a_text_that_looks_alike() -> None:
    code = """
        device_type_is_cuda(self)
        self.kind == "cuda"
    """
    assert _closest('self.device_type == "cuda"', code).line == 2


def test_the_earlier_of_two_equally_close_ones_is_taken() -> None:
    assert _closest("f(a, 1)", "f(a, 2)\nf(a, 3)\n").line == 1


def test_a_statement_in_between_leaves_the_rest_close() -> None:
    found = _closest("first(a)\nsecond(b)", "other()\nfirst(a)\nbetween()\nsecond(b)\n")
    assert (found.line, found.difference) == (2, "added between()")


def test_code_inside_of_an_f_string_is_not_named() -> None:
    assert _closest("run(device, x)", 'f"{run(device, y)}"\n') == Closest()


def test_long_code_is_searched_with_bounded_work() -> None:
    lines = "".join(f"call_{number}(first, {number})\n" for number in range(4000))
    assert _closest("call_3999(first, 5000)", lines).line == 4000
