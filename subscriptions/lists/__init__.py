"""The staff's lists: tables, filters."""
