"""Use cases, one module per noun: they read, judge and plan; they never write."""
