"""Python with metavariables: read, fitted on code, and written out again."""
