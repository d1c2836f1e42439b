"""What is under the transport: addresses, connections, who has them, and for how long."""
