"""What classes and modules of vLLM gain, lose, or have another value of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transforms.importers.monkeypatch.translation.compiled_plugins import (
    answer,
    compile_plugin,
)

if TYPE_CHECKING:
    from pathlib import Path

PARSER = """
    LIMIT = 3
    REGISTRY = {}


    def register(name, make):
        REGISTRY[name] = make


    class Base:
        def reset(self):
            return "base"


    class Parser(Base):
        sizes = (1, 2)

        @property
        def kind(self):
            return "stock"

        def parse(self, text):
            return text[: LIMIT]


    class Quiet:
        def hush(self):
            return "quiet"


    register("plain", lambda: Parser)
    """


def test_methods_that_a_class_gains_or_inherits(tmp_path: Path) -> None:
    done = compile_plugin(
        {"parser.py": PARSER},
        """
        from vllm.parser import Parser

        def _length(text):
            return len(text)

        def reset(self: Parser) -> str:
            return "mine", self.count("abc")

        def count(self, text):
            return _length(text)

        def plain(text):
            return text + "!"

        Parser.reset = reset
        Parser.count = count
        Parser.plain = staticmethod(plain)
        Parser.size = property(lambda self: len(self.sizes))
        Parser.colour = "blue"
        """,
    )
    assert done.outcomes == ["compiled"] * 5
    assert done.kinds == ["AddMember"] * 5
    done.holds(
        """
        from vllm.parser import Parser
        parser = Parser()
        print(parser.reset(), tried(lambda: (parser.plain("a"), Parser.plain("b"), parser.size)))
        print(sorted(name for name in vars(Parser) if name[0] != "_"))
        """,
        tmp_path,
    )


def test_another_property(tmp_path: Path) -> None:
    done = compile_plugin(
        {"parser.py": PARSER},
        """
        from vllm.parser import Parser

        @property
        def kind(self):
            return "mine"

        Parser.kind = kind
        """,
    )
    assert done.outcomes == ["compiled"]
    done.holds("from vllm.parser import Parser; print(Parser().kind)", tmp_path)


def test_constants_of_modules_and_classes(tmp_path: Path) -> None:
    done = compile_plugin(
        {"parser.py": PARSER},
        """
        import vllm.parser as p

        p.LIMIT = 1
        p.Parser.sizes = (4, 5, 6)
        """,
    )
    assert done.kinds == ["SetConstant", "SetConstant"]
    done.holds(
        "from vllm.parser import Parser; print(Parser().parse('abc'), Parser.sizes)", tmp_path
    )


def test_a_value_that_vllm_has_already_needs_nothing() -> None:
    done = compile_plugin({"parser.py": PARSER}, "import vllm.parser as p\np.LIMIT = 3\n")
    assert done.outcomes == ["needs nothing"]


def test_an_attribute_that_goes(tmp_path: Path) -> None:
    done = compile_plugin(
        {"parser.py": PARSER}, "from vllm.parser import Quiet, Parser\ndel Parser.parse\n"
    )
    assert done.outcomes == ["compiled"]
    (row,) = done.made.rows
    assert row.warnings == (
        "a plugin that takes it away once more finds nothing there: AttributeError",
    )
    probe = "from vllm.parser import Parser; print(hasattr(Parser, 'parse'))"
    # CPython 3.10 names the attribute alone, later ones the class too.
    with pytest.raises(AssertionError, match=r"AttributeError: .*\bparse\b"):
        done.answers(probe, tmp_path)
    files = {**done.tree, **done.plugin}
    assert answer(files, probe, tmp_path / "compiled") == "False\n"


def test_an_entry_of_a_registry_imports_the_plugin_when_it_is_asked_for(tmp_path: Path) -> None:
    done = compile_plugin(
        {"parser.py": PARSER},
        """
        import vllm.parser
        from plug.heavy import Heavy

        def _late():
            from plug.heavy import Late
            return Late

        vllm.parser.REGISTRY["plain"] = lambda: Heavy
        vllm.parser.REGISTRY["late"] = _late
        """,
        others={"heavy.py": "class Heavy:\n    pass\nclass Late:\n    pass\n"},
    )
    assert done.outcomes == ["compiled", "compiled"]
    done.holds(
        """
        import sys
        from vllm.parser import REGISTRY
        print(sorted(REGISTRY), [REGISTRY[name]().__name__ for name in sorted(REGISTRY)])
        """,
        tmp_path,
    )
    _, _, compiled, _ = done.answers(
        "import sys, vllm.parser\nprint('plug.heavy' in sys.modules)", tmp_path / "lazy"
    )
    assert compiled == "False\n"


def test_what_a_function_around_has_made_once_is_made_once(tmp_path: Path) -> None:
    done = compile_plugin(
        {"parser.py": PARSER},
        """
        import inspect
        from vllm.parser import Parser

        def _patch():
            original = Parser.parse
            signature = inspect.signature(original)
            marks = {"made": []}

            def parse(self, *args, **kwargs):
                bound = signature.bind(self, *args, **kwargs)
                marks["made"].append(len(marks["made"]))
                return original(self, *args, **kwargs), sorted(bound.arguments), list(marks["made"])

            Parser.parse = parse

        _patch()
        """,
    )
    assert done.outcomes == ["compiled"]
    probe = """
    from vllm.parser import Parser
    found = Parser().parse("abcd"), Parser().parse(text="xy")
    print([each[::2] for each in found])
    """
    # Patched once more, the plugin sees the signature of its own function.
    done.holds(probe, tmp_path, once="print([each[1] for each in found])")
