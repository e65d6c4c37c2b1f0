"""The subcommands of `lambdascope`, one file each: `add(subparsers)` declares it, `run(arguments)` does it."""
