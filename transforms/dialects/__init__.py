"""Patch sets that a platform takes over with a dialect of Triton: a patch for each of its rules.

A platform names its dialect, `PatchSet(..., dialect="triton-3.1")`, and gets the dialect's patches
beside its own. The sites are the same whichever platform asks for them, so two platforms of one
dialect compose.
"""
