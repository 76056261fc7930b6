"""The functions that we find in upstream's files are those that tree-sitter's grammar finds.

Only files that the grammar understands all of are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tree_sitter
import tree_sitter_cuda

from tests.windows.release import tree
from transforms.engine.cpp.code import Code
from transforms.engine.cpp.definitions import What, definitions
from transforms.engine.cpp.files import CPP

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.windows

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_cuda.language()))
# Bodies that the grammar does not take for a function's: `MarlinDefault(PARAMETERS){};`.
_OURS_ALONE = {"MARLIN_NAMESPACE_NAME::MarlinDefault"}


def _theirs(root: tree_sitter.Node) -> Iterator[tuple[int, str]]:
    """Give where each function ends, and its declarator, without those inside of functions."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type != "function_definition":
            waiting += node.children
        elif node.child_by_field_name("body") is not None:
            declarator = node.child_by_field_name("declarator")
            text = declarator.text if declarator else None
            yield node.end_byte, " ".join((text or b"").decode().split())


@pytest.mark.parametrize("version", ["0.14.1", "0.33.0"])
def test_the_functions_of_all_files_are_those_of_the_grammar(version: str) -> None:
    pristine = tree(version)
    count = 0
    for path in sorted(pristine):
        if not (path.startswith("csrc/") and path.endswith(CPP)):
            continue
        data = pristine.read(path)
        root = _PARSER.parse(data).root_node
        if root.has_error:
            continue
        code = Code(data)
        ours = {
            code.tokens[item.last - 1].end: item
            for item in definitions(code)
            if item.what is What.FUNCTION and item.qualified not in _OURS_ALONE
        }
        theirs = dict(_theirs(root))
        assert ours.keys() == theirs.keys(), path
        for end, item in ours.items():
            name = item.names[-1].replace("operator ", "")
            assert name in theirs[end].replace("operator ", "operator"), path
        count += len(ours)
    assert count > 800
