"""MovieLens folders and tables in, tables out."""
