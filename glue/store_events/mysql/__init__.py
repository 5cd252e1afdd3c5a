"""The database: connections, the ledger, the tables, and the run's lock."""
