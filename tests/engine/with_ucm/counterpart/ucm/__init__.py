"""A stand-in for UCM, which records every call of vLLM's, and changes nothing."""
