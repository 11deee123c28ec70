"""The ACME side (RFC 8555): what the customer's client talks to."""
