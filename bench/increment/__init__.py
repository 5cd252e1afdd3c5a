"""Measures the time of a feed run, with and without a history of objects, runs and rows.

`make bench-increment` generates a history in a database's ledger and table, and then loads --events new events from
the feed, --repeats times per history. The objects of the history have a ledger entry and one row each, but are not in
the bucket, because a feed run does not list it. The benchmark checks that each run was a feed run. Each history has a
separate database server.
"""
