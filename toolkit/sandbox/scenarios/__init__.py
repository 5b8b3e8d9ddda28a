"""Ready-made sandbox tenants, one module each with a `build`: the same ids every time, dates relative to `now`."""
