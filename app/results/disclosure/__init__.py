"""What may be published. `release` decides on the next public figures of a survey, from what `offers` says each item
could show and from the groups of answers that `groups` finds safe; `takedown` removes figures about too few people.
"""
