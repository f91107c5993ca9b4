"""The clinic: the Django project people work in every day."""
