"""What compiles on the oldest Python: held against real interpreters, whichever runs the check."""

from __future__ import annotations

import shutil
import subprocess
import sys
import warnings

import pytest

from tests.transforms.engine.checks.touching import touched, written
from transforms.engine.checks.compiled import uncompilable

# For each text the first Python that compiles it; None: none does.
SYNTAX: list[tuple[str, tuple[int, int] | None]] = [
    ("match x:\n    case 1: pass\n", (3, 10)),
    ("a[x := 1]\n", (3, 10)),
    ("a[0, x := 1]\n", (3, 10)),
    ("a[(x := 1)]\n", (3, 9)),
    ("a[(0, x := 1)]\n", (3, 9)),
    ("{x := 1, 2}\n", (3, 9)),
    ("with (a as b, c as d):\n    pass\n", (3, 9)),
    ("try: pass\nexcept* E: pass\n", (3, 11)),
    ("a[*b]\n", (3, 11)),
    ("a[1, *b]\n", (3, 11)),
    ("a[(x), *(y)]\n", (3, 11)),
    ("a[(*b, 1)]\n", (3, 9)),
    ("a[b:c, d]\n", (3, 9)),
    ("def f(*args: *Ts): pass\n", (3, 11)),
    ("x: tuple[*Ts] = 1\n", (3, 11)),
    ("async def f():\n    return [[x async for x in y] for z in w]\n", (3, 11)),
    ("async def f():\n    return [[await x for x in y] for z in w]\n", (3, 11)),
    ("async def f():\n    return [[x async for x in y] async for z in w]\n", (3, 9)),
    ("async def f():\n    return [[x async for x in y] for z in w if await z]\n", (3, 9)),
    ("async def f():\n    return [x for x in [y async for y in z]]\n", (3, 9)),
    ("async def f():\n    return [(x async for x in y) for z in w]\n", (3, 9)),
    ("type X = int\n", (3, 12)),
    ("def f[T](x: T): pass\n", (3, 12)),
    ("class C[T]: pass\n", (3, 12)),
    ("def f[T = int](x: T): pass\n", (3, 13)),
    ("match = type = 1\n", (3, 9)),
    ("def f(x):\n    global x\n", None),
    ("f(a=1, a=2)\n", None),
    ("return 1\n", None),
    ("x = (\n", None),
    ('f"{a["b"]}"\n', (3, 12)),
    ("f'{a['b']}'\n", (3, 12)),
    ('f"{f"{x}"}"\n', (3, 12)),
    ("f\"{f'{x}'}\"\n", (3, 9)),
    ('f"{f\'{a["b"]}\'}"\n', (3, 12)),
    ("f\"{'\\n'.join(x)}\"\n", (3, 12)),
    ("rf\"{a['\\d']}\"\n", (3, 12)),
    ('f"\\n{a}\\n"\n', (3, 9)),
    ('rf"\\{a}\\d"\n', (3, 9)),
    ('f"{a\n}"\n', (3, 12)),
    ('f"""{a\n}"""\n', (3, 9)),
    ('f"""{a # c\n}"""\n', (3, 12)),
    ("f\"{a['#']}\"\n", (3, 9)),
    ('f"""{a["b"]}"""\n', (3, 9)),
    ('f"""{f"""{x}"""}"""\n', (3, 12)),
    ('f"{x:{y:{z}}}"\n', (3, 12)),
    ('f"{x:{y:1}}"\n', (3, 9)),
    ('f"{x:{y["a"]}}"\n', (3, 12)),
    ('f"{x:\\n}"\n', (3, 9)),
    ('f"{x!r:\'>10}"\n', (3, 9)),
    ('f"{a=}{b != c}{ {1: 2}[1] }{{}}"\n', (3, 9)),
    ('f"{(lambda x: 1)}\\N{DIGIT ONE}{x}"\n', (3, 9)),
    ('x = ("a"  # f"{\n     f"{b}")\n', (3, 9)),
    ('x = "a" f"{b["c"]}"\n', (3, 12)),
    ("f'''{\na['b']:{c}}'''\n", (3, 9)),
    ('f"é{a}é" f"{b[\'é\']}"\n', (3, 9)),
]
OLDEST = [(3, minor) for minor in range(9, 14)]


def _compiles(text: str, oldest: tuple[int, int]) -> bool:
    return list(uncompilable([written(text, oldest)], oldest)) == []


@pytest.mark.parametrize(("text", "since"), SYNTAX)
def test_syntax_is_for_the_pythons_that_have_it(text: str, since: tuple[int, int] | None) -> None:
    running = sys.version_info[:2]
    for oldest in OLDEST:
        if oldest <= running:
            assert _compiles(text, oldest) == (since is not None and since <= oldest), oldest


@pytest.mark.parametrize("oldest", OLDEST)
def test_the_table_says_what_real_interpreters_say(oldest: tuple[int, int]) -> None:
    name = f"python{oldest[0]}.{oldest[1]}"
    python = sys.executable if oldest == sys.version_info[:2] else shutil.which(name)
    program = (
        "import sys, warnings; warnings.simplefilter('ignore')\n"
        "for text in eval(sys.stdin.buffer.read().decode()):\n"
        "    try: compile(text, 'm', 'exec'); print(1)\n"
        "    except SyntaxError: print(0)\n"
    )
    if python is None:
        pytest.skip(f"{name} is not installed here; the sessions of tests-all run on each")
    done = subprocess.run(
        [python, "-c", program],
        input=repr([text for text, _ in SYNTAX]).encode(),
        capture_output=True,
        check=False,
    )
    if b"not installed" in done.stderr or b"command not found" in done.stderr:
        pytest.skip(f"{name} is a shim without an interpreter")
    assert done.returncode == 0, done.stderr
    expected = [since is not None and since <= oldest for _, since in SYNTAX]
    assert [line == b"1" for line in done.stdout.split()] == expected


def test_what_does_not_compile_is_told_with_its_patches() -> None:
    module = touched("a = 1\nb = 2\n", ("a", "a = )"), ("2", "3"))
    (failure,) = uncompilable([module], (3, 10))
    assert failure.startswith("m.py:1 does not compile after p/a, p/b (Python 3.10): ")
    assert "unmatched" in failure


def test_what_parses_but_does_not_compile_is_told() -> None:
    (failure,) = uncompilable([touched("a = 1\n", ("a = 1", "return 1"))], (3, 10))
    assert failure.endswith("(Python 3.10): 'return' outside function")


def test_invalid_escapes_of_upstream_are_no_failure() -> None:
    module = touched("a\nx = '\\d'\nassert (1, 'x')\n", ("a", "b"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(uncompilable([module], (3, 10))) == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="such an f-string is no syntax before")
def test_an_f_string_of_upstreams_is_upstreams_to_mend() -> None:
    text = 'f"{a["b"]}"\nx = 1\n'
    assert list(uncompilable([touched(text, ("x", "y"))], (3, 10))) == []
    assert list(uncompilable([touched(text, ('"b"', '"c"'))], (3, 10))) != []


@pytest.mark.skipif(sys.version_info < (3, 11), reason="`except*` is no syntax before")
def test_a_decorated_definition_is_looked_into_from_its_first_decorator() -> None:
    module = touched("@d(x)\ndef f():\n    pass\n", ("x", "a[*b]"))
    (failure,) = uncompilable([module], (3, 10))
    assert failure.endswith("a starred index needs Python 3.11")
