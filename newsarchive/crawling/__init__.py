"""How a crawl goes: what to ask next, within which bounds, and what the answers lead to. `newspaper.py` drives it.

frontier, budget: the ledger's due addresses within the day's bounds. discoverer: the walks of the newspaper's sources.
history, indexes, endpoints, webarchives: web archives as sources of the same spider. assets: printed issues and
pictures. arguments: what `-a` says. stand_in: what `-a site=` does. failures: why no answer came. exploring: what a
site offers, before any crawl.
"""
