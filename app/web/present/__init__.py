"""A poll in a room: `projector` is the presenter's page, `rooms` says to all open pages when something has changed."""
