"""What may be published. `release` decides on the next public figures of a survey, from the
`candidates` of each item and from the `suppression` of cells; `takedown` removes figures about too few people.
"""
