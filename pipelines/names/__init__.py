"""Given names: their forms in Russian, Italian and English, and how to find them in a text."""
