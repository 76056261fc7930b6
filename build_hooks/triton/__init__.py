"""What a Triton makes of a release's kernels: compiled in its own interpreter, without a GPU."""
