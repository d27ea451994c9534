"""Taking articles down and bringing them back (`docs/removals.md`, `docs/decisions/0020-removals.md`).

takedowns: the list, as every verb asks it. orders: what `scrapy remove` is asked to do. removing, restoring: doing and
undoing it. quoting: which captures quote an article. holders: which processes keep the database open.
"""
