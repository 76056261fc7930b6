"""The kinds of edit for CMake: `from transforms.edits import cmake`, then `cmake.Replace(...)`.

Patterns are CMake with metavariables: whole commands, blocks included. White space, line breaks,
comments and the case of a command's name never matter; an argument must be as it is written, so
`"${X}"` is not `${X}`. `$x` is one argument, `$$x` any number of them, or of commands where it
stands on a line of its own.
"""

from transforms.edits.cmake.insert import InsertAfter, InsertBefore
from transforms.edits.cmake.remove import Remove
from transforms.edits.cmake.replace import Replace

__all__ = ["InsertAfter", "InsertBefore", "Remove", "Replace"]
