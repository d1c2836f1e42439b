"""How a call is planned: from what a caller asks for to calls whose fields are spelled, with a
receipt. Nothing here sends anything.
"""
