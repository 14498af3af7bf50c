"""Scenarios: changes to several trusts and to the framework, stated in a YAML file."""
