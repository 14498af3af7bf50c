"""Leagues that might have been: some figures changed, and all that hangs on them computed anew."""
