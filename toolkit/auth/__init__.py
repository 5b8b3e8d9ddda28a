"""Signing in and what sign-in failures mean: the only room that knows msal and azure-identity."""
