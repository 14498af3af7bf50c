"""Pictures of a league, drawn when they are asked for."""
