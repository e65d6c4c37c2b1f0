"""How AWS is reached: clients, credentials and certificates, what its errors mean, and what it tells of functions."""
