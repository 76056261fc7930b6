"""Plugins that patch vLLM while it runs: found, read without being run, compiled, woven in."""
