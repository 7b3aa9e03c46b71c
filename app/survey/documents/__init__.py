"""A survey's files as documents: YAML with the position of every node (`places`), the usual causes of YAML errors
(`yaml_errors`), and the merging of translation files (`translation`).
"""
