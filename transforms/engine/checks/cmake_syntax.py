"""Is what was CMake still CMake?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from transforms.engine.apply import NOTICE
from transforms.engine.cmake.files import is_cmake
from transforms.engine.cmake.reading import CMakeError, errors_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transforms.engine.apply import EditedFile


def broken_cmake(files: Sequence[EditedFile]) -> Iterator[str]:
    """Find what the grammar made sense of before an edit, and does not any more.

    Args:
        files: all touched files.
    """
    for file in files:
        if not is_cmake(file.path):
            continue
        names = {patch for patch, _ in file.sites} - {NOTICE}
        patches = ", ".join(sorted(names)) or NOTICE
        try:
            before, after = errors_in(file.before or b""), errors_in(file.after)
        except CMakeError as error:
            yield f"{file.path}: cannot be checked: {error.reason}"
            continue
        if len(after) > len(before):
            known = {text for _, text in before}
            line, text = next((item for item in after if item[1] not in known), after[0])
            yield f"{file.path}:{line}: no CMake any more ({patches}): {text}"
