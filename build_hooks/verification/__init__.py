"""Hold what was built against what it says of itself, and against upstream's own file."""
