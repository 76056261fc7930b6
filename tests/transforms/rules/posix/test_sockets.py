"""SO_REUSEPORT and AF_UNIX are asked for only where there are such."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.transforms.rules.posix.conftest import RuleTester, run_on
from transforms.rules.posix.reuse_port import RULE as REUSE_PORT
from transforms.rules.posix.unix_sockets import RULE as UNIX_SOCKETS

if TYPE_CHECKING:
    from pathlib import Path

_OPTION = """
import socket
{before}sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
"""
_UNIX = "import socket\nopened = None\n{line}\nopened.bind(path)\nopened.close()\n"


@pytest.fixture
def option() -> RuleTester:
    return RuleTester(REUSE_PORT)


@pytest.fixture
def unix() -> RuleTester:
    return RuleTester(UNIX_SOCKETS)


@pytest.mark.parametrize("before", ["", "if True:\n    "])
@pytest.mark.parametrize("name", ["socket", "s"])
def test_the_option_is_set_where_there_is_one(option: RuleTester, before: str, name: str) -> None:
    code = _OPTION.format(before=before).replace("socket.S", f"{name}.S")
    code = code.replace("import socket", f"import socket as {name}")
    after = option.changed(code)

    def options(text: str, system: str) -> list[int]:
        found: list[int] = []
        sock = SimpleNamespace(setsockopt=lambda _, option, __: found.append(option))
        run_on(system, text, sock=sock)
        return found

    both = [socket.SO_REUSEPORT, socket.SO_REUSEADDR]
    assert options(code, "posix") == options(after, "posix") == both
    assert options(after, "windows") == [socket.SO_REUSEADDR]
    with pytest.raises(AttributeError, match="SO_REUSEPORT"):
        options(code, "windows")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import socket\noptions = [socket.SO_REUSEPORT]\n", "more than"),
        ("import socket\nx = s.setsockopt(1, socket.SO_REUSEPORT, 1)\n", "more than"),
        ("import socket\ns.connect(1, socket.SO_REUSEPORT, 1)\n", "more than"),
        ("from socket import SO_REUSEPORT\ns.setsockopt(1, SO_REUSEPORT, 1)\n", "say `socket."),
    ],
)
def test_refuses_other_uses_of_the_option(option: RuleTester, code: str, reason: str) -> None:
    option.assert_refused(code, reason)


@pytest.mark.parametrize(
    "code",
    [
        "import socket\nif hasattr(socket, 'SO_REUSEPORT'):\n    s.f(socket.SO_REUSEPORT)\n",
        "import socket\ntry:\n    s.f(socket.SO_REUSEPORT)\nexcept AttributeError:\n    pass\n",
        "import zmq as socket\ns.setsockopt(1, socket.SO_REUSEPORT, 1)\n",
    ],
)
def test_leaves_a_guarded_option_alone(option: RuleTester, code: str) -> None:
    option.assert_untouched(code)


@pytest.mark.parametrize(
    "line",
    [
        "opened = socket.socket(family=socket.AF_UNIX, type=socket.SOCK_STREAM)",
        "opened = socket.socket(socket.AF_UNIX)",
        "if opened is None:\n    opened = socket.socket(socket.AF_UNIX)  # here",
    ],
)
def test_a_unix_socket_is_made_or_a_user_told(unix: RuleTester, line: str, tmp_path: Path) -> None:
    before = _UNIX.format(line=line)
    after = unix.changed(before)
    assert unix.apply(after) == (after, None)
    for number, code in enumerate((before, after)):
        path = tmp_path / str(number)
        run_on("posix", code, path=str(path))
        assert path.is_socket()
    with pytest.raises(OSError, match="no Unix domain sockets on this platform: use a TCP port"):
        run_on("windows", after, path="")
    with pytest.raises(AttributeError, match="AF_UNIX"):
        run_on("windows", before, path="")


@pytest.mark.parametrize(
    "code",
    [
        "import socket\nif family == socket.AF_UNIX:\n    pass\n",
        "import socket\nfamily = socket.AF_UNIX\n",
        "import socket\nif hasattr(socket, 'AF_UNIX'):\n    s = socket.socket(socket.AF_UNIX)\n",
        "import zmq as socket\ns = socket.socket(socket.AF_UNIX)\n",
        "import socket\ns = socket.socket(socket.AF_INET)  # not AF_UNIX\n",
    ],
)
def test_leaves_alone_what_makes_no_socket(unix: RuleTester, code: str) -> None:
    unix.assert_untouched(code)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("from socket import AF_UNIX\n", "say `socket.AF_UNIX`"),
        ("import socket\nx = socket.AF_UNIX\ns = socket.socket(x)\n", "say `socket.AF_UNIX`"),
        ("import socket\nif x: s = socket.socket(socket.AF_UNIX)\n", "shares its line"),
        (
            "import socket\nif x:\n    pass\nelif socket.socket(socket.AF_UNIX):\n    pass\n",
            "shares its line",
        ),
    ],
)
def test_refuses_a_socket_that_cannot_be_guarded(unix: RuleTester, code: str, reason: str) -> None:
    unix.assert_refused(code, reason)
