"""The load: which lines of which objects, in which batches, with rows and ledger in one transaction a batch."""
