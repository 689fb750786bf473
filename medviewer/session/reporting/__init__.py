"""What a report says of a study, taken from the session and made into one frozen value."""
