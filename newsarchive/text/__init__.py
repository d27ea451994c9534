"""str → str: cleaning that never touches a letter, and the analysis of Arabic words for the index."""
