"""Objects that say something about pictures, read from files to frozen values."""
