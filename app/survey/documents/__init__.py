"""A survey's files as documents: YAML with the position of every node (`places`), the usual causes of YAML errors
(`yaml_errors`), which parts of a survey are text (`texts`), and translations merged into it (`translation`).
"""
