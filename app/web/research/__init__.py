"""Dashboards, public results, downloads and sign-in. Begin with `pages`; `live` keeps figures current."""
