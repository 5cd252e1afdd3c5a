"""Measures how the job's load grows: with events, objects, the size of one object, the way to the database and to S3.

`make bench` runs it with the small points, `make bench-full` with the large ones. Each point is a load into a new
database whose rows are verified, as in bench/load, in one Spark session. Other ways are compared with the job by their
rate, as they may load fewer events. Spark's plain reading is spark.read.json of the same folder, with the contract's
types, into nothing: neither checked nor stored.
"""
