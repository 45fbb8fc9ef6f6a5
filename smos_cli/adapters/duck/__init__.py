"""The index in DuckDB: its tables, how files get in, how passages are scored, and who may open it when."""
