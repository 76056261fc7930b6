"""The compiler: typed edits matched against Python syntax, bytes in, bytes and outcomes out.

Nothing below this package does I/O, reads a clock or the environment, or keeps state between calls.
"""
