"""How the command line shows what the monitoring tools answer."""
