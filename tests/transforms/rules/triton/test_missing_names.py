"""Names that a line of Triton lacks come from the runtime module, and nothing else does."""

from __future__ import annotations

import pytest

from tests.transforms.rules.triton.conftest import RuleTester
from transforms.engine.syntax.source import Source
from transforms.rules.triton.dialect import TRITON_3_1
from transforms.rules.triton.missing_names import MissingNames

RULE = MissingNames.of(TRITON_3_1.names)
RULES = RuleTester(RULE)
IMPORT = "from vllm import wheelwright_triton\n"
HEAD = "from vllm.triton_utils import tl, triton\n\n\n"


def changes(before: str, after: str) -> None:
    """Assert that the body of a kernel becomes another one, and the file imports the module."""
    kernel = "@triton.jit\ndef kernel(p, q, n):\n    {}\n"
    text, problem = RULES.apply(HEAD + kernel.format(before))
    assert (text, problem) == (IMPORT + HEAD + kernel.format(after), None)
    assert RULES.apply(text) == (text, None)


@pytest.mark.parametrize("name", TRITON_3_1.names)
def test_each_name_comes_from_the_runtime_module(name: str) -> None:
    written = name.replace("triton.language", "tl")
    changes(f"{written}(p)", f"wheelwright_triton.{TRITON_3_1.names[name]}(p)")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("tl.load(p + tl.gather(q, n, 0))", "tl.load(p + wheelwright_triton.gather(q, n, 0))"),
        ("return tl.reduce(p, 0, tl.mul)", "return tl.reduce(p, 0, wheelwright_triton.mul)"),
        ("triton.language.topk(p, 2)", "wheelwright_triton.topk(p, 2)"),
        ("(tl).gather(p, q, 0)", "(wheelwright_triton).gather(p, q, 0)"),
        ("tl.gather(tl.gather(p, q, 0), q, 0)", "{0}(wheelwright_triton.gather(p, q, 0), q, 0)"),
        ("tl.topk(p, 2).to(tl.int8)", "wheelwright_triton.topk(p, 2).to(tl.int8)"),
        ("tl . gather(p, q, 0)", "wheelwright_triton . gather(p, q, 0)"),
        (
            "x = (tl.extra  # waits\n        .cuda.gdc_wait())",
            "x = (wheelwright_triton.gdc_wait())",
        ),
        ("x = tl.extra.\\\n    cuda.gdc_wait()", "x = wheelwright_triton.gdc_wait()"),
        ("x = tl.\\\n    gather(p, q, 0)", "x = wheelwright_triton.\\\n    gather(p, q, 0)"),
    ],
)
def test_no_more_is_written_than_the_name(before: str, after: str) -> None:
    changes(before, after.format("wheelwright_triton.gather"))


@pytest.mark.parametrize(
    ("imports", "use"),
    [
        ("import triton\nimport triton.language as tl\n", "tl.gather"),
        ("import triton\nfrom triton import language as t\n", "t.gather"),
        ("import triton\nimport triton.language\n", "triton.language.gather"),
        ("import triton\nfrom triton.language.extra import cuda\n", "cuda.gdc_wait"),
    ],
)
def test_a_name_is_told_by_what_it_stands_for(imports: str, use: str) -> None:
    text, problem = RULES.apply(f"{imports}\n@triton.jit\ndef kernel(p):\n    {use}()\n")
    assert problem is None
    assert f"    wheelwright_triton.{use.rpartition('.')[2]}()\n" in text
    assert IMPORT in text


@pytest.mark.parametrize(
    "code",
    [
        "def host(p):\n    return tl.gather(p, p, 0)\n",
        "@triton.jit\ndef kernel(p, tl):\n    return tl.gather(p)\n",
        "@triton.jit\ndef kernel(p):\n    return p.gather(p).topk(2)\n",
        "import torch\n\n@triton.jit\ndef kernel(p):\n    return torch.topk(p, 2)\n",
        "@triton.jit\ndef kernel(p):\n    # tl.gather(p)\n    'tl.gather(p)'\n",
        "@triton.jit\ndef kernel(p):\n    return tl.math.log1p(p) + tl.sort(p)\n",
        "from triton.experimental import gluon\n\n@gluon.jit\ndef kernel(p):\n    tl.gather(p)\n",
        "import cutlass.cute as cute\n\n@cute.jit\ndef kernel(p):\n    tl.topk(p, 2)\n",
        # A module that binds the name itself has provided for lines that lack it, or fails there.
        "gather = tl.gather\n\n@triton.jit\ndef kernel(p):\n    return gather(p)\n",
    ],
)
def test_what_is_not_tritons_own_name_in_a_kernel_stays(code: str) -> None:
    RULES.assert_untouched(code)


def test_what_may_be_tritons_or_not_is_refused() -> None:
    problem = RULES.assert_refused(
        """\
        try:
            import ours as language
        except ImportError:
            import triton.language as language

        @triton.jit
        def kernel(p):
            return language.gather(p, p, 0)
        """
    )
    assert problem.scope == "kernel"
    assert "cannot show whether this is Triton's own" in problem.reason


def test_the_module_is_imported_once_for_all_kernels_and_the_import_is_shared() -> None:
    kernel = "@triton.jit\ndef {}(p):\n    tl.gather(p, p, 0)\n\n\n"
    source = Source("vllm/m.py", (HEAD + kernel.format("a") + kernel.format("b")).encode())
    (shared,) = (site for site in RULE.match(source).sites if site.shared)
    assert shared.replacement.decode() == IMPORT
    assert len(RULE.match(source).sites) == 3


def test_the_import_joins_one_from_the_same_package() -> None:
    text, _ = RULES.apply(
        "from vllm import envs\n" + HEAD + "@triton.jit\ndef kernel(p):\n    tl.topk(p, 2)\n"
    )
    assert text.startswith("from vllm import envs, wheelwright_triton\n" + HEAD)


def test_line_ends_are_the_files_own() -> None:
    text, _ = RULES.apply(
        (HEAD + "@triton.jit\ndef kernel(p):\n    tl.topk(p)\n").replace("\n", "\r\n")
    )
    assert text.count("\n") == text.count("\r\n") == 7


def test_another_line_lacks_other_names() -> None:
    rules = RuleTester(MissingNames.of({"triton.language.load": "load"}))
    text, _ = rules.apply(HEAD + "@triton.jit\ndef kernel(p):\n    tl.load(p) + tl.gather(p)\n")
    assert "wheelwright_triton.load(p) + tl.gather(p)" in text
