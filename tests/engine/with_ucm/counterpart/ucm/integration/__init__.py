"""See `ucm`."""
