"""What the store adds to the command line. Each command is imported when it is used: nobody who
asks for ``imagekit --help`` waits for a database."""
