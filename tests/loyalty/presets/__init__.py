"""Every ready programme: loaded by its command, and a year or more of what members do in it."""
