"""A person who signs in, by e-mail address."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.roles import RESELLER_PERMISSIONS, Permission, ResellerRole
from accounts.validators import validate_single_line


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without `password` the user cannot sign in until one is set."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a reseller admin who may also use Django admin in full."""
        fields = {"is_staff": True, "is_superuser": True, "reseller_role": ResellerRole.ADMIN} | fields
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Give the user with this e-mail address, whatever its case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. Reseller staff have a `reseller_role`; customers' people have memberships."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=150, blank=True, validators=[validate_single_line])
    reseller_role = models.CharField(max_length=20, choices=ResellerRole, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may use Django admin", default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    time_zone = models.CharField(max_length=64, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        ordering = ["email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_in_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_reseller_staff(self) -> bool:
        """Whether the user works for the reseller."""
        return bool(self.reseller_role)

    def may(self, permission: Permission) -> bool:
        """Whether the user's role at the reseller gives `permission`."""
        return self.is_active and permission in RESELLER_PERMISSIONS.get(self.reseller_role, frozenset())
