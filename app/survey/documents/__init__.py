"""A survey's files as documents: YAML with the position of every node (`places`), the usual causes of YAML errors
(`yaml_errors`), and edits that leave the rest of a file as it is (`yaml_edits`).
"""
