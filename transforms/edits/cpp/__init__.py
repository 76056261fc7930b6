"""The kinds of edit for C, C++ and CUDA.

A patch module says `from transforms.edits import Patch, cpp`, and then `cpp.Replace(...)`.
"""

from transforms.edits.cpp.insert import InsertAfter, InsertBefore
from transforms.edits.cpp.remove import Remove
from transforms.edits.cpp.replace import Replace
from transforms.engine.cpp.files import CPP

__all__ = ["CPP", "InsertAfter", "InsertBefore", "Remove", "Replace"]
