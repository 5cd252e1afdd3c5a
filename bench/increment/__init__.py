"""How long a feed run takes, with nothing before it and with a history of objects, runs and rows.

`make bench-increment` fills a database's ledger and table by statements, as if objects had been loaded before, and
loads --events new events by the feed, --repeats times after each history. The history's objects are in the ledger and
their rows, one each, in the table; they are not in the bucket, as a feed run does not list it, and that it does not
is checked: each run has to say that its listing was the feed's. Every history has another database server.
"""
