"""Publications, read as they are published by the source specs that describe them."""
