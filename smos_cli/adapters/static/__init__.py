"""The static embedder: one int8 vector per vocabulary token, and how it was made."""
