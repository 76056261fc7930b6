"""C, C++ and CUDA as tokens and balanced groups, with the bytes of every part."""
