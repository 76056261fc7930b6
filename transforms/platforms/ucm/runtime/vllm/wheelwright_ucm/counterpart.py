# SPDX-License-Identifier: Apache-2.0
"""UCM itself: the package `ucm`, imported when an engine starts, and never before."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

MODULE = "ucm.integration.vllm.ucm_connector"
FACTORY = "create_ucm_connector"
_logger = logging.getLogger("vllm.wheelwright_ucm")


class UcmBrokenError(ImportError):
    """UCM is installed and asked for, and it cannot be imported."""


def create_connector() -> Any | None:
    """Make a connector of UCM's own for this process.

    uc-manager 0.3.0 and 0.5.0 have no such connector: theirs is one of vLLM's interface
    (`KVConnectorBase_V1`), which `--kv-transfer-config` names. With them the points that ask it stay quiet.

    Returns:
        What `create_ucm_connector()` gives; None where UCM has no such function.

    Raises:
        UcmBrokenError: the package is there and cannot be imported.
    """
    try:
        module = import_module(MODULE)
    except ImportError as error:
        raise UcmBrokenError(
            f"ENABLE_UCM_PATCH is set, but {MODULE} cannot be imported: {error}. "
            "Repair the package uc-manager, or unset ENABLE_UCM_PATCH."
        ) from error
    factory = getattr(module, FACTORY, None)
    if factory is None:
        _logger.info("%s has no %s: UCM is used through --kv-transfer-config only", MODULE, FACTORY)
        return None
    return factory()
