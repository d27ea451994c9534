"""The archive as files for others: a selection of articles with its description, or a checked copy of the whole."""
