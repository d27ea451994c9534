"""Scrapy settings, in the order of Scrapy's project template.

Beside every departure stand Scrapy's default and the reason. Each can be set with -s on the command line; the
ARCHIVE_ settings also by an environment variable of the same name.
"""

import os

from newsarchive import __version__

BOT_NAME = "newsarchive"

SPIDER_MODULES = ["newsarchive.spiders"]
NEWSPIDER_MODULE = "newsarchive.spiders"
COMMANDS_MODULE = "newsarchive.commands"

ADDONS: dict[str, int] = {}

ARCHIVE_DB = os.environ.get("ARCHIVE_DB", "archive.db")
ARCHIVE_WARC_DIR = os.environ.get("ARCHIVE_WARC_DIR", "captures")
# What is taken down and what stood there: read first by every verb that reads captures, never by the site.
ARCHIVE_SEALED_DB = os.environ.get("ARCHIVE_SEALED_DB", "sealed.db")
# Who runs the crawl: a mail address or a page, printed in the User-Agent so that the paper can complain.
ARCHIVE_CONTACT = os.environ.get("ARCHIVE_CONTACT", "")

# Requests to the paper in a day, 0 for no bound, and the hours (its own) in which to ask, such as 22-6.
ARCHIVE_REQUESTS_PER_DAY = os.environ.get("ARCHIVE_REQUESTS_PER_DAY", "0")
ARCHIVE_HOURS = os.environ.get("ARCHIVE_HOURS", "")
# Seconds to wait for another program that keeps the database locked; then the run ends with 5.
ARCHIVE_BUSY_SECONDS = 30
# Articles looked at again each day, oldest check first.
ARCHIVE_AUDITS_PER_DAY = os.environ.get("ARCHIVE_AUDITS_PER_DAY", "200")
# Post numbers that nobody names, tried in one run with -a source=live,sweep.
ARCHIVE_SWEEP_PER_RUN = 200
# Seconds to leave a busy host alone when it does not say, and the longest wait that is sat out.
ARCHIVE_PAUSE = 30
ARCHIVE_LONGEST_PAUSE = 600

# Web archives, asked with -a source=wayback or commoncrawl; collections such as CC-MAIN-2025-38, empty for all.
ARCHIVE_WAYBACK_URL = os.environ.get("ARCHIVE_WAYBACK_URL", "https://web.archive.org")
ARCHIVE_COMMONCRAWL_INDEX_URL = os.environ.get(
    "ARCHIVE_COMMONCRAWL_INDEX_URL", "https://index.commoncrawl.org"
)
ARCHIVE_COMMONCRAWL_DATA_URL = os.environ.get("ARCHIVE_COMMONCRAWL_DATA_URL", "https://data.commoncrawl.org")
ARCHIVE_COMMONCRAWL_COLLECTIONS = os.environ.get("ARCHIVE_COMMONCRAWL_COLLECTIONS", "")
# Seconds between two requests: inside what they allow (24 queries a minute; docs/history.md).
ARCHIVE_WAYBACK_DELAY = 3
ARCHIVE_COMMONCRAWL_INDEX_DELAY = 1
ARCHIVE_COMMONCRAWL_DATA_DELAY = 0.55
# Captures listed by one answer of the Wayback Machine's index; it gives 150,000 at most.
ARCHIVE_WAYBACK_ROWS = 20_000
# Copies to read of an address; with 1 only of those that have no article.
ARCHIVE_MEMENTOS_PER_ADDRESS = 1

# Bytes of printed issues and pictures in one run, asked with -a assets=issues,images.
ARCHIVE_ASSET_BYTES = os.environ.get("ARCHIVE_ASSET_BYTES", "200000000")

# An RFC 3161 authority that stamps the roots of scrapy verify --manifest and scrapy prove.
ARCHIVE_TSA_URL = os.environ.get("ARCHIVE_TSA_URL", "")

# default "Scrapy/VERSION (+https://scrapy.org)": a crawler says who it is. `scrapy crawl` adds the contact.
USER_AGENT = f"newsarchive/{__version__} (newspaper archive)"

# default False, template True
ROBOTSTXT_OBEY = True

# default 16: a newspaper's small server is asked one thing at a time.
CONCURRENT_REQUESTS = 1
# default 8, template 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
# default 0, template 1
DOWNLOAD_DELAY = 1
# default 100: Scrapy starts that many tasks for every answer, a third of all CPU time.
CONCURRENT_ITEMS = 4
# default True: reads and parses the source of callbacks, some for every answer, a twentieth of all CPU time.
WARN_ON_GENERATOR_RETURN_VALUE = False
# default False: slower when the server is slow.
AUTOTHROTTLE_ENABLED = True
# default 5: the first pause; DOWNLOAD_DELAY is the shortest.
AUTOTHROTTLE_START_DELAY = 1

# default True: ids in cookies make one page look like many.
COOKIES_ENABLED = False
# default True: a console that runs code for whoever connects.
TELNETCONSOLE_ENABLED = False
# default True: a redirect in HTML is part of the page.
METAREFRESH_ENABLED = False
# default 180 s
DOWNLOAD_TIMEOUT = 60
# default 1 GiB: an article is a tenth of a megabyte, a bomb is not.
DOWNLOAD_MAXSIZE = 10 << 20
# default 32 MiB
DOWNLOAD_WARNSIZE = 0
# default True: what came of a cut answer is captured, and refused as incomplete.
DOWNLOAD_FAIL_ON_DATALOSS = False
# default False: an answer from somebody else is no evidence.
DOWNLOAD_VERIFY_CERTIFICATES = True
# default [500, 502, 503, 504, 522, 524, 408, 429]: what means busy is for Pauses, which waits.
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]
# default 20
REDIRECT_MAX_TIMES = 5
# default False: the ledger wants to know every status.
HTTPERROR_ALLOW_ALL = True
# default RFPDupeFilter: the ledger is the frontier; a filter in memory would drop redirects without a word.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
# default "scrapy-default": which page led to an article is nobody's business.
REFERRER_POLICY = "no-referrer"

# default True: a host may move while a backfill of weeks goes on; connections are kept, so few names are looked up.
DNSCACHE_ENABLED = False
# default CachingThreadedResolver: knows no IPv6, and follows names that lead into a private network.
TWISTED_DNS_RESOLVER = "newsarchive.middlewares.GuardedResolver"

# default also file, ftp, data and s3: an address in a sitemap must not read local files.
DOWNLOAD_HANDLERS = {
    "http": "newsarchive.crawling.stand_in.StandInDownloadHandler",
    "https": "newsarchive.crawling.stand_in.StandInDownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}

DOWNLOADER_MIDDLEWARES = {
    # Before robots.txt is asked for (100): not even that of another host.
    "newsarchive.middlewares.HostGuard": 50,
    # Before robots.txt too, which is asked for what is let through.
    "newsarchive.middlewares.BudgetGuard": 60,
    # default 100, Scrapy's own: it allows everything when robots.txt cannot be read.
    "newsarchive.middlewares.Robots": 100,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    # Behind every middleware that may answer without the network.
    "newsarchive.middlewares.Pauses": 985,
    # Next to the network, to see every answer as it came.
    "newsarchive.middlewares.CaptureAnswers": 990,
    # default 900, with HTTPCACHE_ENABLED: what a cache answers, a 503 of last week, is no answer of today.
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    # default 500: HostGuard does it for every request, redirects included.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
}

ITEM_PIPELINES = {
    "newsarchive.pipelines.StripBoilerplate": 100,
    "newsarchive.pipelines.Validate": 200,
    "newsarchive.pipelines.Store": 300,
}

# default "DEBUG"
LOG_LEVEL = "INFO"

FEED_EXPORT_ENCODING = "utf-8"
