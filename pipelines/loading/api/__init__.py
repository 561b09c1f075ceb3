"""Loading one API into its raw tables: read, map, spool, find the news, land."""
