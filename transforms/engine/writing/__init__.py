"""From what matched to bytes: where they go, and what of upstream's stays."""
