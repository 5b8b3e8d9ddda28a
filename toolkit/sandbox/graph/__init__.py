"""Microsoft Graph v1.0 of the sandbox tenant."""
