"""The pages that split results into groups: `comparing` compares groups by every question, `crossing` crosses two questions."""
