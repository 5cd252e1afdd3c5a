"""What a run says of itself: manifest, metrics, lineage, and what the crawler has to see."""
