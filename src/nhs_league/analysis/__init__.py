"""Questions asked of a league: frames and models in, frames and models out."""
