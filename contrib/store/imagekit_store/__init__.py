"""The durable core: requests, paid calls and pictures, in a database and a folder or bucket."""
