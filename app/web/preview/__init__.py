"""Additions to a previewed survey: its faults, and a bar with its answers, reasons for hiding something, and all sections.
`bar` is where to start; `opening` opens any section, and shows the bar as it is with what is entered."""
