"""Measures the rate of loads from S3 into MySQL, and compares the job with other ways to load the same events.

`make bench-load` generates events like the producer's, stores them as compressed JSON lines in a local S3
(bench/objects, with the emulator behind it), and loads them with each way in turn, each time into a new database
server, in one Spark session with the job's settings. `bench/load/run --help` lists the options. The ways:

append          spark.read.json and DataFrame.write.jdbc with mode append, like the original job that this project
                replaces. Spark creates the table, without a key. A retried task or a second run duplicates rows. An
                invalid line becomes a row of nulls. The connection is encrypted, but the server is not verified.
append-rewrite  The same with Connector/J's rewriteBatchedStatements, which sends many rows in one statement.
awswrangler     The script bench/peers/load_awswrangler.py: one transaction into a table with the key.
dlt             The script bench/peers/load_dlt.py: into a table that dlt creates, with the key.
two-step        Spark writes text files, then two connections send them with LOAD DATA LOCAL into the job's table, each
                in one transaction. The key rejects duplicates, so a second load fails. What was loaded is not recorded,
                one connection may commit without the other, and invalid lines are not detected.
guaranteed      The job: each line is validated, rows and ledger are committed together, with quarantine, Parquet and
                bookmark.

The first four are slow, so they load fewer rows (--append-rows); rates are per row. After each load, the number of
rows and keys and a checksum of the values must match the events. `append` rounds timestamps to seconds, so its
checksum is without them. The time of `guaranteed` is that of the whole run. "guaranteed, rows" is the time of the same
runs until the commit of the last batch, which is comparable with the others, because they write no Parquet. If the
rows need more than one batch, it includes the Parquet of the earlier batches.

Processor time is the CPU time of all processes: Spark's JVM, its Python workers, the database and the emulator.
"""
