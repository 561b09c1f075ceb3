"""One module per system. A source knows no other source and no orchestrator."""
