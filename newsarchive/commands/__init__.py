"""The verbs people type after `scrapy`: one file each, and how all of them end (`ending`)."""
