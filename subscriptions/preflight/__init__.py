"""What can be known from outside about a name before it is ordered, and after an order failed. An island."""
