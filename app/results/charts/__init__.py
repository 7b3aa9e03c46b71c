"""What a chart is made of, as plain numbers and words: `research` for researchers, `public` for everyone."""
