"""FakeNet: one world, shown by the façade of each API on one loopback server.

World ─▶ Store (versions, deletions, merges at time `now`) ─▶ façade (shape, auth, limits, errors)
                                                                 │
client ◀── wire ◀── faults (the script: what breaks, and when) ◀─┘      log, oracle: `/_fake/…`
Nothing here reads the wall clock or writes a file; the same seed gives the same bytes.
"""
