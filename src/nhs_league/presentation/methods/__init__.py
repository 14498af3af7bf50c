"""The method of a framework in plain words, all of it read from the framework."""
