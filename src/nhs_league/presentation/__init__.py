"""Results as people and programs read them: tables, text, files."""
