# SPDX-License-Identifier: Apache-2.0
"""Where a process's rows go: its stream, which the first write makes."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from . import session
from .settings import LOGGER
from .streams import StreamFile, chosen_encoder, encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .settings import Settings
    from .streams import Encoder
    from .tables import Row

logger = logging.getLogger(LOGGER)

# After a write that failed (a full disk, say) the next attempt is so much later.
RETRY_SECONDS = 30.0


class Output:
    """This process's stream.

    Attributes:
        role: what the process is in the engine.
        rank: its rank, if it has one.
        dp_rank: which of several data-parallel engines it belongs to.
        written: how many bytes were written, of all its streams.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        refused: Callable[[str, ValueError], None],
        trouble: Callable[[str, Exception], None],
    ) -> None:
        """Say where rows go to; nothing is made before the first write.

        Args:
            settings: the session.
            refused: is called for each row that does not fit its table.
            trouble: is called with what went wrong, and did not keep the rows from being written.
        """
        self.role = "main"
        self.rank: int | None = None
        self.dp_rank: int | None = None
        self.written = 0
        self._settings = settings
        self._refused = refused
        self._trouble = trouble
        self._encoder: Encoder | None = None
        self._stream: StreamFile | None = None
        self._retry_at = 0.0

    @property
    def path(self) -> str:
        """The stream's file; empty where there is none yet."""
        return str(self._stream.path) if self._stream else ""

    @property
    def folder(self) -> str:
        """The session's folder."""
        return str(self._settings.folder)

    @property
    def rests(self) -> bool:
        """Whether a write failed so recently that another attempt is too early."""
        return time.monotonic() < self._retry_at

    def write(self, batches: Mapping[str, Sequence[Row]]) -> None:
        """Append rows to the stream, all of them or none, and make it if it is not there.

        Args:
            batches: the rows of each table.

        Raises:
            OSError: it cannot be written; from then on the output rests for `RETRY_SECONDS`.
        """
        if self._encoder is None:
            self._encoder = chosen_encoder(self._trouble)
        data = encoded(self._encoder, batches, self._refused)
        if self._stream is not None and self._stream.is_gone():
            self.close()  # somebody has removed it, or it could not be cut back
        try:
            if self._stream is None:
                self._stream = self._opened(self._encoder)
            self._stream.append(data)
        except OSError:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            raise
        self.written += len(data)

    def _opened(self, encoder: Encoder) -> StreamFile:
        session.open_session(self._settings)
        rank = "" if self.rank is None else f"-{self.rank}"
        engine = "" if self.dp_rank is None else f"-dp{self.dp_rank}"
        name = f"{self.role}{engine}{rank}-{os.getpid()}"
        stream = StreamFile(self._settings.folder, name, encoder.suffix)
        identity = session.identity(self.role, self.rank, self.dp_rank)
        try:
            stream.append(encoder.encode("process", [identity]))
        except BaseException:
            stream.discard()
            raise
        if self._settings.verbose:
            logger.info("profiling: %s records to %s", self.role, stream.path)
        return stream

    def close(self) -> None:
        """Close the stream; the next write makes another."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
