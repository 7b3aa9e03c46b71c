"""The pages that split results into groups: `comparing` splits every question, `crossing` crosses two."""
