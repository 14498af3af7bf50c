"""How sure a rank is: one module a source of doubt, and one a question asked of the table."""
