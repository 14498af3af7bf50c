"""Everything that the commands do, as functions: see ``docs/api.md``."""
