"""What differs between two league tables, and why."""
