"""What people say about identities: decisions, lookups, and what is proposed to them."""
