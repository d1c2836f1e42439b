"""What is answered at each address: pictures, plans, records, keys, money, the page."""
