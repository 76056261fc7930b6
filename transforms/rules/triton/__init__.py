"""Rules for Tritons that are older than vLLM writes for: `dialect` says what a line lacks."""
