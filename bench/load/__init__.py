"""How fast events get from S3 into MySQL: the job's guaranteed path compared with other ways, in one run.

`make bench-load` generates events as the producer makes them, stores them as compressed JSON lines in a local
S3 (bench/objects, with the emulator behind it), and loads them with each way in turn, each time into a new database
server, all within one Spark session that has a job's settings. `bench/load/run --help` lists the options. The ways:

append          spark.read.json and DataFrame.write.jdbc with mode append: how the job that this project reworks
                loads. Spark makes the table, without a key. A task that is tried again, or a second run, doubles
                rows. An invalid line becomes a row of nulls. The connection is encrypted, the server not verified.
append-rewrite  The same with Connector/J's rewriteBatchedStatements, which sends many rows in one statement.
awswrangler     The script bench/peers/load_awswrangler.py: one transaction into a table with the key.
dlt             The script bench/peers/load_dlt.py: into a table that dlt makes, with the key.
two-step        Spark writes text files, then two connections send them by LOAD DATA LOCAL into the job's table, each
                in one transaction. The key lets no row in twice, so a second load fails; nothing records what was
                loaded, one connection's half may be there without the other's, and invalid lines are not looked for.
guaranteed      The job's own run: each line checked, rows and ledger committed together, quarantine, Parquet,
                bookmark.

The first four load fewer rows (--append-rows), as they are slow; a rate is per row. After each load the rows and keys
in the table are counted and a checksum of their values is taken, which must be those of the events; the times that
append has are rounded to seconds, so they are left out of its sum. The time of the guaranteed way is that of the whole
run; "guaranteed, rows" is the time of the same runs until their last batch was committed, which is what the others do,
as they write no Parquet. With more rows than one batch holds, Parquet of earlier batches is part of it.

Processor time is that of all processes together: Spark's JVM, its Python workers, the database, the emulator.
"""
