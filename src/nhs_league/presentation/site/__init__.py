"""The report: a static site that the public can read."""
