"""A survey's files as documents: YAML with the place of every node (`places`), what YAML's complaints most often mean
(`yaml_errors`), and the files of further languages merged into the survey (`translation`).
"""
