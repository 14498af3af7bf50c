"""The commands as Typer sees them: options, help, and one call each into ``commands``."""
