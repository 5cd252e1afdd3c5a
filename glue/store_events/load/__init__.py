"""What the job writes into the database: rows and the ledger, in one transaction a batch."""
