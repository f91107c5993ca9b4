"""What a passphrase may be, beside the checks that Django brings."""

from __future__ import annotations

from django.core.exceptions import ValidationError

LONGEST = 128


class LengthLimit:
    """Refuses a passphrase so long that hashing it is work for nothing; it is never cut."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError for more than ``LONGEST`` characters."""
        if len(password) > LONGEST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        """The rule in words."""
        return f"A passphrase has at most {LONGEST} characters."
