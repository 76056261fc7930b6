"""A patched tree as a git repository: `apply` writes one, `capture` reads what was edited in it."""
