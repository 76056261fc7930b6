"""Make the environment that numbers are computed in; Triton comes from its own environments.

python -m tests.triton.numerics.environment FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.environments import new_environment

# With NumPy 2.4 the interpreter of Triton 3.1.0 loses every store, and does not say so.
NUMPY = "numpy<2"

if __name__ == "__main__":
    new_environment(Path(sys.argv[1]), [NUMPY])
