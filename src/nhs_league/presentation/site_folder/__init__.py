"""The folder of a site: written whole or not at all, with what is not of a site kept."""
