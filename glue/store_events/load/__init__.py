"""The load of lines in batches, with one transaction per batch for rows and ledger."""
