"""Training of artefacts; needs the extra `train` (scipy), which scoring never does."""
