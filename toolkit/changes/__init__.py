"""The only writer: guard, fresh, journal, write, verify, and the way back."""
