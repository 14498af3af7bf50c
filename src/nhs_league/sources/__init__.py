"""Raw files to frames: find them, read them as text, lay them out, check every cell."""
