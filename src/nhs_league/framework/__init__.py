"""Frameworks: what a league table is made of, stated in YAML and held to by Pydantic."""
