"""Does relationship work cause margin? Estimates, the checks that may refute them, a verdict.

    panel ──▶ moments ──▶ imputation · base_week · level ──▶ analysis ──▶ verdict ──▶ roi
      └─────▶ overlap · permutation            ▲                                       │
    doses ──▶ fixed_effects ──▶ dose · curves ─┘                     holdout ──────▶ sentences

Arrays in, records out: nothing here opens a file or a database. Money is minor units per person and
week.
"""
