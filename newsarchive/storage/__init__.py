"""What is kept: articles and revisions, captures, the ledger, refusals, runs. The only room that writes SQL."""
