"""The least that an AWS role must be allowed for the settings in force."""
