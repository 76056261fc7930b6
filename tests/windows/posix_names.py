"""Find what only POSIX has in a module's text, by a plain walk that shares nothing with the rules.

Names are taken as they are written: upstream gives these modules no other names, as the numbers of
the pristine trees show.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MODULES = {"fcntl", "grp", "posix", "pwd", "resource", "syslog", "termios", "tty", "uvloop"}
_WORDS = {
    "os": """
        O_DIRECT O_NOFOLLOW POSIX_FADV_DONTNEED WNOHANG fork forkpty geteuid getpgid getpgrp getuid
        killpg mkfifo posix_fadvise posix_fallocate pread preadv pwrite pwritev readv
        register_at_fork sched_getaffinity sched_setaffinity sched_yield setpgid setpgrp setsid
        statvfs sysconf uname waitid writev
    """,
    "signal": "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2",
    "socket": "AF_UNIX SO_REUSEPORT",
}
_NAMES = {module: frozenset(words.split()) for module, words in _WORDS.items()}
# To walk all of vLLM takes a minute: a construct is found only where its name is written.
_MENTIONS = re.compile(
    r"\b(?:{}|backend=|fork|forkserver|preexec_fn)\b|_signal_handler|ipc://|os\.kill".format(
        "|".join(sorted(_MODULES.union(*_NAMES.values())))
    )
)
_ASKS = ("sys.platform", "os.name", "platform.system(", "hasattr(", "TYPE_CHECKING")
_CAUGHT = ("ImportError", "ModuleNotFoundError", "AttributeError", "NotImplementedError")


def unguarded(text: str) -> dict[str, list[int]]:
    """Give the lines of each construct that nothing around it, or before it, asks a question about.

    Args:
        text: the module.
    """
    found: defaultdict[str, list[int]] = defaultdict(list)
    if not _MENTIONS.search(text):
        return {}
    module = ast.parse(text)
    around = {child: node for node in ast.walk(module) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(module):
        for construct in _constructs(node):
            if not _is_guarded(node, around):
                found[construct].append(node.lineno)  # type: ignore[attr-defined]  # no ast.Module
    return dict(found)


def _constructs(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"import {each.name}" for each in node.names if each.name in _MODULES)
    elif isinstance(node, ast.ImportFrom):
        if node.module in _MODULES:
            yield f"import {node.module}"
        yield from (
            f"{node.module}.{each.name}"
            for each in node.names
            if each.name in _NAMES.get(node.module or "", frozenset())
        )
    elif isinstance(node, ast.Attribute):
        owner = ast.unparse(node.value)
        if node.attr in _NAMES.get(owner, frozenset()):
            yield f"{owner}.{node.attr}"
        if node.attr.endswith("_signal_handler") and owner != "wheelwright_windows":
            yield node.attr
    elif isinstance(node, ast.Call):
        yield from _in_call(node)
    elif isinstance(node, ast.JoinedStr) and ast.unparse(node)[2:].startswith("ipc://"):
        yield "ipc://"


def _in_call(call: ast.Call) -> Iterator[str]:
    function = ast.unparse(call.func).rpartition(".")[2]
    if function in {"get_context", "set_start_method"} and call.args:
        method = ast.unparse(call.args[0])
        if method in {"'fork'", "'forkserver'"}:
            yield f"{function}({method})"
    given = {each.arg: ast.unparse(each.value) for each in call.keywords}
    if function in {"new_group", "init_process_group"} and given.get("backend") == "'gloo'":
        yield "gloo"
    if ast.unparse(call.func) == "os.kill" and ast.unparse(call.args[1]) == "0":
        yield "os.kill(pid, 0)"  # asks whether a process is there; on Windows it is Ctrl+C
    if "preexec_fn" in given:
        yield "preexec_fn"


def _is_guarded(node: ast.AST, around: dict[ast.AST, ast.AST]) -> bool:
    while node in around:
        inner, node = node, around[node]
        if isinstance(node, ast.Try) and inner in node.body:
            caught = [each.type for each in node.handlers]
            if any(each is None or _names(each, _CAUGHT) for each in caught):
                return True
        if isinstance(node, ast.If | ast.IfExp) and inner is not node.test and _asks(node.test):
            return True
        if isinstance(node, ast.BoolOp) and any(
            each is not inner and _asks(each) for each in node.values
        ):
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("ipc_address"):
            return True
        if any(_leaves(each) for each in _before(inner, node)):
            return True
    return False


def _before(inner: ast.AST, outer: ast.AST) -> list[ast.stmt]:
    body: object = getattr(outer, "body", None)
    return body[: body.index(inner)] if isinstance(body, list) and inner in body else []


def _leaves(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.If)
        and _asks(statement.test)
        and isinstance(statement.body[-1], ast.Return | ast.Raise)
    )


def _asks(test: ast.expr) -> bool:
    return _names(test, _ASKS)


def _names(node: ast.expr, words: tuple[str, ...]) -> bool:
    text = ast.unparse(node)
    return any(word in text for word in words)
