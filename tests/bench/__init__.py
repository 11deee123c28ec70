"""`make bench`: ratios measured in one run, on whatever machine this is. Nothing here passes or fails."""
