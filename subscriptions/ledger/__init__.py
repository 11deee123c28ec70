"""What protects the money: moves, claims, lanes, the gate. It knows no kind of operation by name."""
