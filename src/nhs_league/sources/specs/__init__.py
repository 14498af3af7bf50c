"""Source specs: YAML files that say how a publication is read."""
