"""The surveys being served. `served` has the last valid version of each; `files` reads and watches files on disk; `library`
reads stored versions; `draft` is the survey of a preview.
"""
