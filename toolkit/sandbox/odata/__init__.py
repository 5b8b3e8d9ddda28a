"""OData as Microsoft Graph speaks it: query options, filters, paging and their refusals."""
