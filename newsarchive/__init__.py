"""A complete, provable, Arabic-searchable archive of a newspaper.

Data goes one way; a room does one step and knows nothing of the rooms behind it::

    address → fetch → raw capture → page reader → cleaning → judgement → row → index → hit → download
    discovery/  Scrapy  capture/      pages/        text/      validation   storage/    search  publication/

`newspaper.py` is the spider that walks this line for one newspaper, with `crawling/` to say what to ask next;
`spiders/` holds a card for each newspaper. `archive.py` joins captures and rows so that the raw bytes are safe before
anything derived from them is. `offline/` walks the same line with pages that are here already. `removal/` takes
articles down, `evidence/` proves them, `export/` and `formats/` make files of them, `reporting/` says how it all goes,
and `commands/` are the verbs people type.
"""

__version__ = "0.1.0"
