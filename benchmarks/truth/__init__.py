"""The acceptance table: planted worlds, what was estimated in them, and what must hold."""
