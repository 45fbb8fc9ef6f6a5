"""One module a verb: its options, what it asks of the toolkit, what it prints. Loaded when the verb is called."""
