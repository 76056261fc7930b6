"""Unified diffs and series of commits, compiled to typed patches."""
