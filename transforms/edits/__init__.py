"""The kinds of edit that a patch is made of, one module each.

This is what a patch module imports from: `from transforms.edits import Patch, Replace`.
"""

from transforms.edits import cmake, cpp
from transforms.edits.add_argument import AddArgument
from transforms.edits.add_import import AddImport
from transforms.edits.add_member import AddMember
from transforms.edits.add_module import AddModule
from transforms.edits.apply_rule import ApplyRule
from transforms.edits.drop_argument import DropArgument
from transforms.edits.extend_literal import ExtendLiteral
from transforms.edits.guard import Guard
from transforms.edits.guard_import import GuardImport
from transforms.edits.insert import InsertAfter, InsertBefore
from transforms.edits.remove import Remove
from transforms.edits.replace import Replace
from transforms.edits.replace_function import ReplaceFunction
from transforms.edits.replace_text import ReplaceText
from transforms.edits.rewrite import Rewrite
from transforms.edits.set_constant import SetConstant
from transforms.edits.subclass_and_rebind import SubclassAndRebind
from transforms.edits.widen import Widen
from transforms.edits.wrap_function import WrapFunction
from transforms.engine.patch import Patch, PatchSet

__all__ = [
    "AddArgument",
    "AddImport",
    "AddMember",
    "AddModule",
    "ApplyRule",
    "DropArgument",
    "ExtendLiteral",
    "Guard",
    "GuardImport",
    "InsertAfter",
    "InsertBefore",
    "Patch",
    "PatchSet",
    "Remove",
    "Replace",
    "ReplaceFunction",
    "ReplaceText",
    "Rewrite",
    "SetConstant",
    "SubclassAndRebind",
    "Widen",
    "WrapFunction",
    "cmake",
    "cpp",
]
