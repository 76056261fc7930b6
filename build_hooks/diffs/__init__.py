"""Diffs as patches: read from files, written as modules, taken to newer releases."""
