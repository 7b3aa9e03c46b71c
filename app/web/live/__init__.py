"""Live figures. `frames` reads a survey's responses and takes in what is new; `views` are what open dashboards show: a page,
of one view; `figures` updates both and sends the changes; `counting` counts views in threads with a time limit.
"""
