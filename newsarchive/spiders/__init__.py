"""The newspapers: one card each."""
