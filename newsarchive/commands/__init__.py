"""The verbs people type after `scrapy`: one file each."""
