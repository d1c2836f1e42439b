"""Mistakes by what they are made in: title -> what is replaced, and which checks notice."""
