"""Controls that Qt does not have, or has with other manners."""
