"""CMake as commands and arguments: read, matched and written so that formatting never matters."""
