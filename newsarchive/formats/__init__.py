"""Rows → bytes of a file, batch by batch, with flat memory: CSV, JSON Lines and JSON (rows), XLSX, Parquet.

kinds: what a column holds, looked up before the first row. Nothing of the archive, the site or the network.
"""
