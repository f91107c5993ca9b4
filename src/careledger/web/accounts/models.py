"""Who may enter: users, and their place in an organisation."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models

from careledger.web.accounts.roles import ROLES
from careledger.web.tenancy.models import Organisation, Person


class UserManager(BaseUserManager["User"]):
    """Makes users by their address."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        """There is no user above all organisations; this makes a plain user, for Django's own command."""
        return self.create_user(email, password, **{key: extra[key] for key in extra if key != "is_superuser"})


class User(AbstractUser):
    """Someone who signs in, by their e-mail address.

    Attributes:
        must_change_passphrase: someone else knows it; nothing opens until it is changed.
    """

    username = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    must_change_passphrase = models.BooleanField(default=False)
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


class Membership(models.Model):
    """A user's place in an organisation: the role, and the person of the directory they are.

    Not scoped, since it is what tells the scope.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=ROLES)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships")
    is_active = models.BooleanField(default=True)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "organisation"), name="one_membership"),)

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"
