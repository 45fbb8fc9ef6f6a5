"""Models on disk and on their way there: the table of those that are recommended, pulling, checking, removing."""
