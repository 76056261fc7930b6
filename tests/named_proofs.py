"""Tests that pages of the documentation name as proofs."""

from __future__ import annotations

import ast
from pathlib import Path

_TESTS = Path(__file__).resolve().parent


def assert_exists(proof: str) -> None:
    """Assert that a test is there, and its case.

    Args:
        proof: `FILE::FUNCTION` or `FILE::FUNCTION[CASE]` below this folder.
    """
    file, _, function = proof.partition("::")
    name, _, case = function.removesuffix("]").partition("[")
    text = (_TESTS / file).read_text(encoding="utf-8")
    tests = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    assert name in {test.name for test in tests}
    assert case in text
