"""Warnings: what is valid but worth a second look before fielding. Start with `advice`. A comment accepts a warning
(`Document.accepts`): `# ok: double-barrelled`.
"""
