"""Modules that patch vLLM while it runs, written as typed edits of its source."""
