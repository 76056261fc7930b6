"""The file of a lock: TOML of one schema, whatever it locks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from build_hooks.errors import LockError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 1
_RESTORE = "restore it from version control"


def read_text(path: Path) -> str:
    """Read the text of a lock.

    Raises:
        LockError: it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"the lock {path} cannot be read: {error}"
        raise LockError(message, next_step=_RESTORE) from error


def parse_tables(text: str, where: str) -> dict[str, Any]:
    """Parse the text of a lock, as far as all locks are alike.

    Args:
        text: TOML.
        where: how error messages name it.

    Raises:
        LockError: it is not TOML, or of another schema.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{where} is not TOML: {error}"
        raise LockError(message, next_step=_RESTORE) from error
    if data.get("schema") != SCHEMA:
        message = f"{where} has schema {data.get('schema')!r}; this version reads schema {SCHEMA}"
        raise LockError(message, next_step="use the version that wrote it, or upgrade this one")
    return data
