"""The rules of a league, each a small function from Polars expressions to a Polars expression.

Everything runs on one wide frame, one row an organisation; ``columns`` names its columns.
"""
