"""Can it be proved? Everything checked against everything, and what a third party needs to check one article.

captures, tables, texts: the checks of `scrapy verify`. tree, manifests, timestamps: what is published of the
captures. proof: one article's ZIP.
"""
