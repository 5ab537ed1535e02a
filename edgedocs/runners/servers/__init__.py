"""What the runners that talk to a server share: addresses, bounds, errors, and starting a server of one's own."""
