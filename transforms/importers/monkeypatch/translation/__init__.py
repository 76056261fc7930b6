"""Write what a plugin does to vLLM while it runs as typed edits of vLLM's source."""
