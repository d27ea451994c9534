"""What a person is told: the verdict of a run, the rates of its fields, the health of the archive, progress. Pure."""
