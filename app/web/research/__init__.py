"""Dashboards, public results, downloads and sign-in. Start with `routes`; `dashboards` counts and renders the figures."""
