"""The bar above the figures of each page of results: `choices` are what it can filter and split by, `controls` what it shows."""
