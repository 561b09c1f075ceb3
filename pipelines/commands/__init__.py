"""The commands of `ror`, one file per subject."""
