"""Rules for what only POSIX has, in vLLM's own Python."""
