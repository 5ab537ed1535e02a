"""Exchange: translations as the files that people's tools work on, out and back in."""
