"""From canonical parameters to a host's own fields, and the receipt that says how.

The one obvious place for translation: nothing else in imagekit renames, converts or leaves out
a parameter.
"""
