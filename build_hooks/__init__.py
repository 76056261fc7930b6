"""Packaging around the compiler: front ends, formats and all I/O. It never names a vLLM module."""

__version__ = "0.1.0"
