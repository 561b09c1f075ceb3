"""ror-warehouse: extract, load, publish and schedule the Return on Relationship warehouse."""
