"""Quality at the two edges: did the outside world change (raw), may readers see this (marts).

Suites are YAML (`raw/*.yml`, `marts/*.yml`); `suites.py` reads them, `limits.py` turns history
into limits; `runner.py`, a child process that `client.py` drives, has Great Expectations judge.
"""
