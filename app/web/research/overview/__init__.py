"""The overview of a survey: `sections` are its charts, `first_steps` what it shows before the first response, `lists`
the list of all surveys.
"""
