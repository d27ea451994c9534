"""Pages that are on this machine already, read without the network: saved by hand, in WARC files, in the captures.

saved: files and folders → pages. reading: page → article or refusal, by the chain of a crawl. captured: the page of a
row of `captures`. parts: paged articles made whole. ingesting, rebuilding: into the archive, from other files and from
the archive's own. rereading, workers: every record derived again, over processes. cases: pages as test cases.
"""
