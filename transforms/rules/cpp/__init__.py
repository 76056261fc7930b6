"""Rules for C++ and CUDA that MSVC does not compile: each makes it code that all compilers take."""
