"""What the job knows of the database: connections, the ledger, the tables, and its lock."""
