"""What each command does: it parses, makes one call, and prints a short account in French."""
