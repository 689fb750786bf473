"""What other people and programs have said of the pictures of a study, found among its files."""
