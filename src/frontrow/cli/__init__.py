"""The command line: a thin face on a workspace."""
