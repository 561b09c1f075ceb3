"""Training of artefacts; scoring never imports it."""
