# ruff: noqa: ANN401, D105 - it stands for anything, and does what Python asks for by name
"""Objects that stand for whatever a function is given: each use of one is an event of a trace.

What a recorder gives is a recorder, labelled by how it was come by. Where Python insists on a real
value (a truth, a length, an index), the trace decides.
"""

from __future__ import annotations

import dis
import sys
from typing import TYPE_CHECKING, Any

from events import Trace, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...), type(NotImplemented))


class Recorder:
    """A value that nothing is known of but its label."""

    def __init__(self, label: str, trace: Trace) -> None:
        """Belong to one trace."""
        state = vars(self)
        state["recorder_label"] = shortened(label)
        state["recorder_trace"] = trace
        state["recorder_attributes"] = {}
        state["recorder_items"] = {}

    def recorder_child(self, text: str, *, sometimes_none: bool = True) -> Any:
        """Give what an operation on this value results in."""
        trace = self.recorder_trace
        label = shortened(text)
        if sometimes_none and trace.is_none(label):
            return None
        return Recorder(label, trace)

    # Attributes and items

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__") and name not in _ASKED:
            raise AttributeError(name)
        found = self.recorder_attributes
        if name not in found:
            found[name] = self.recorder_child(f"{self.recorder_label}.{name}")
        return found[name]

    def __setattr__(self, name: str, value: object) -> None:
        self.recorder_trace.note(f"{self.recorder_label}.{name} = {show(value)}")
        self.recorder_attributes[name] = value

    def __delattr__(self, name: str) -> None:
        self.recorder_trace.note(f"del {self.recorder_label}.{name}")
        self.recorder_attributes.pop(name, None)

    def __getitem__(self, key: object) -> Any:
        shown = show(key)
        if shown not in self.recorder_items:
            child = self.recorder_child(f"{self.recorder_label}[{shown}]")
            self.recorder_items[shown] = child
        return self.recorder_items[shown]

    def __setitem__(self, key: object, value: object) -> None:
        self.recorder_trace.note(f"{self.recorder_label}[{show(key)}] = {show(value)}")
        self.recorder_items[show(key)] = value

    def __delitem__(self, key: object) -> None:
        self.recorder_trace.note(f"del {self.recorder_label}[{show(key)}]")
        self.recorder_items.pop(show(key), None)

    # Calls

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Note the call."""
        return self.recorder_called(self.recorder_label, args, kwargs)

    def recorder_called(
        self, label: str, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> Any:
        """Note a call, and give its result; each call of the same has its own."""
        trace = self.recorder_trace
        given = [show(value) for value in args]
        given += [f"{name}={show(value)}" for name, value in sorted(kwargs.items())]
        call = f"{label}({', '.join(given)})"
        trace.note(call)
        return self.recorder_child(f"{shortened(call)}~{trace.draw_count(call)}")

    def __mro_entries__(self, _: tuple[object, ...]) -> tuple[type, ...]:
        return ()

    # What Python wants a real value for

    def __bool__(self) -> bool:
        trace = self.recorder_trace
        asserted = _is_asserted(sys._getframe(1))
        answer = trace.is_true(f"bool {self.recorder_label}", asserted=asserted)
        trace.note(f"bool {self.recorder_label} is {answer}")
        return answer

    def __len__(self) -> int:
        return self._decided("len", 4)

    def __index__(self) -> int:
        return self._decided("index", 4)

    def __int__(self) -> int:
        return self._decided("int", 4)

    def __float__(self) -> float:
        return self._decided("float", 4) / 2

    def __contains__(self, item: object) -> bool:
        return self._decided(f"contains {show(item)}", 2) == 1

    def _decided(self, what: str, of: int) -> int:
        value = self.recorder_trace.decide(f"{what} {self.recorder_label}", of)
        self.recorder_trace.note(f"{what} {self.recorder_label} is {value}")
        return value

    def __iter__(self) -> Iterator[object]:
        wanted = _unpacked(sys._getframe(1))
        length = self._decided("iterate", 4) if wanted is None else wanted
        return (self.recorder_child(f"{self.recorder_label}[#{i}]") for i in range(length))

    def __next__(self) -> object:
        return self.recorder_child(f"next {self._decided('next', 9)} of {self.recorder_label}")

    def __reversed__(self) -> Iterator[object]:
        length = self._decided("reversed", 4)
        return (self.recorder_child(f"reversed {self.recorder_label}[#{i}]") for i in range(length))

    def __hash__(self) -> int:
        return hash(self.recorder_label)

    def __str__(self) -> str:
        return f"<{self.recorder_label}>"

    __repr__ = __str__

    def __format__(self, how: str) -> str:
        return f"<{self.recorder_label}:{how}>"

    # Contexts and coroutines

    def __enter__(self) -> Any:
        self.recorder_trace.note(f"enter {self.recorder_label}")
        return self.recorder_child(f"entered {self.recorder_label}")

    def __exit__(self, *error: object) -> bool:
        self.recorder_trace.note(f"exit {self.recorder_label} {show(error[0])}")
        return False

    async def __aenter__(self) -> Any:
        return self.__enter__()

    async def __aexit__(self, *error: object) -> bool:
        return self.__exit__(*error)

    def __await__(self) -> Iterator[object]:
        self.recorder_trace.note(f"await {self.recorder_label}")
        return self.recorder_child(f"await {self.recorder_label}")
        yield

    async def __aiter__(self) -> Any:
        for item in range(self._decided("iterate", 4)):
            yield self.recorder_child(f"{self.recorder_label}[#{item}]")


# Names between two underscores that functions read of values.
_ASKED = {"__name__", "__qualname__", "__module__", "__doc__", "__dict__", "__func__", "__self__"}


def show(value: object) -> str:  # noqa: PLR0911 - a case each
    """Write a value so that it reads the same in every process."""
    if isinstance(value, Recorder):
        return value.recorder_label
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [show(item) for item in value]
        items = sorted(items) if isinstance(value, (set, frozenset)) else items
        return shortened(f"{type(value).__name__}[{', '.join(items)}]")
    if isinstance(value, dict):
        items = [f"{show(key)}: {show(item)}" for key, item in value.items()]
        return shortened(f"{type(value).__name__}{{{', '.join(items)}}}")
    if isinstance(value, slice):
        return f"{show(value.start)}:{show(value.stop)}:{show(value.step)}"
    if isinstance(value, BaseException):
        return shortened(f"{type(value).__name__}({', '.join(map(show, value.args))})")
    if isinstance(value, type):
        return value.__name__
    name = getattr(value, "__name__", None)
    return f"a {type(value).__name__}" + (f" {name}" if isinstance(name, str) else "")


def _unpacked(frame: Any) -> int | None:
    """Tell how many values the caller unpacks this one into."""
    code, at = frame.f_code.co_code, frame.f_lasti
    name = dis.opname[code[at]]
    if name == "UNPACK_SEQUENCE":
        return code[at + 1]
    return code[at + 1] + 1 if name == "UNPACK_EX" else None


def _is_asserted(frame: Any) -> bool:
    """Tell whether the caller asks for a truth in an `assert`."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if not dis.opname[code[at]].startswith("POP_JUMP"):
        return False
    after = [dis.opname[byte] for byte in code[at + 2 : at + 8 : 2]]
    return "LOAD_ASSERTION_ERROR" in after


def _binary(name: str, symbol: str) -> Callable[[Recorder, object], Any]:
    def method(self: Recorder, other: object) -> Any:
        pair = (self.recorder_label, show(other))
        left, right = reversed(pair) if name.startswith("__r") else pair
        return self.recorder_child(f"({left} {symbol} {right})", sometimes_none=False)

    method.__name__ = name
    return method


def _unary(name: str) -> Callable[[Recorder], Any]:
    def method(self: Recorder, *args: object) -> Any:
        given = "".join(f", {show(value)}" for value in args)
        return self.recorder_child(f"{name}({self.recorder_label}{given})", sometimes_none=False)

    return method


for _name in (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "lshift",
    "rshift",
    "and",
    "or",
    "xor",
):
    for _prefix in ("", "r", "i"):
        setattr(
            Recorder,
            f"__{_prefix}{_name}__",
            _binary(f"__{_prefix}{_name}__", _name if _prefix != "i" else f"{_name}="),
        )
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Recorder, f"__{_name}__", _binary(f"__{_name}__", _name))
for _name in ("neg", "pos", "abs", "invert", "round", "divmod", "floor", "ceil"):
    setattr(Recorder, f"__{_name}__", _unary(_name))
