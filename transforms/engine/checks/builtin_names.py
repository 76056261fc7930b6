"""The names that every module has without binding them, by the Python that brought them.

A list of our own: with that of the running Python, the verdict would depend on the machine.
"""

from __future__ import annotations

ALWAYS_BUILT_IN = frozenset(
    # One string reads better than 152.
    """
    ArithmeticError AssertionError AttributeError BaseException BlockingIOError BrokenPipeError
    BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError
    ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError Ellipsis
    EnvironmentError Exception False FileExistsError FileNotFoundError FloatingPointError
    FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError IndexError
    InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
    ModuleNotFoundError NameError None NotADirectoryError NotImplemented NotImplementedError
    OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError
    RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration
    StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError True
    TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError
    UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning ZeroDivisionError
    __build_class__ __debug__ __doc__ __import__ __loader__ __name__ __package__ __spec__ abs all
    any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex
    copyright credits delattr dict dir divmod enumerate eval exec exit filter float format
    frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len
    license list locals map max memoryview min next object oct open ord pow print property quit
    range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars
    zip
    """.split()  # noqa: SIM905
)
_SINCE = {
    (3, 10): frozenset({"EncodingWarning", "aiter", "anext"}),
    (3, 11): frozenset({"BaseExceptionGroup", "ExceptionGroup"}),
    (3, 13): frozenset({"PythonFinalizationError", "_IncompleteInputError"}),
}
# Bound in a module by other means, or on one operating system only.
_MODULE = frozenset({"__annotations__", "__builtins__", "__file__", "WindowsError"})


def builtin_names(python: tuple[int, int]) -> frozenset[str]:
    """Give the names that a module can use without binding them.

    Args:
        python: the Python that runs the module, 3.9 or newer.
    """
    later = [names for since, names in _SINCE.items() if since <= python]
    return ALWAYS_BUILT_IN.union(_MODULE, *later)


def needs_python(name: str) -> tuple[int, int] | None:
    """Give the Python that brought a built-in name; None for one that is none, or is older."""
    return next((since for since, names in _SINCE.items() if name in names), None)
