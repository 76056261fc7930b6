"""The kinds of edit that a patch is made of, one module each.

This is what a patch module imports from: `from transforms.edits import Patch, Replace`.
"""

from transforms.edits.add_member import AddMember
from transforms.edits.add_module import AddModule
from transforms.edits.apply_rule import ApplyRule
from transforms.edits.insert import InsertAfter, InsertBefore
from transforms.edits.replace import Replace
from transforms.engine.patch import Patch, PatchSet

__all__ = [
    "AddMember",
    "AddModule",
    "ApplyRule",
    "InsertAfter",
    "InsertBefore",
    "Patch",
    "PatchSet",
    "Replace",
]
