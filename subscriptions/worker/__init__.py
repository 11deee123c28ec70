"""What only a worker runs: carrying out, settling, pricing, reading, comparing."""
