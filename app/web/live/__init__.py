"""Live figures. `frames` reads a survey's responses and takes in what is new; `views` are the dashboards open on it;
`figures` updates both and sends the changes; `counting` counts in threads with a time limit.
"""
