"""Dashboards, public results, downloads and sign-in. Start with `pages`; `live` updates the figures."""
