"""A person who signs in, by e-mail address."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.fields import AddressField
from accounts.roles import RESELLER_PERMISSIONS, Permission, ResellerRole
from accounts.validators import validate_no_web_address, validate_single_line


class UserQuerySet(models.QuerySet["User"]):
    """Users; whoever is made inactive loses all sessions for good."""

    def update(self, **values: Any) -> int:
        """Write `values` to all rows; where that may make people inactive, their sessions end."""
        if values.get("is_active", True) is not True:
            values.setdefault("sign_in_epoch", models.F("sign_in_epoch") + 1)
        return super().update(**values)


class UserManager(BaseUserManager["User"]):
    """Makes users and finds them, by whatever writing of their e-mail address."""

    def get_queryset(self) -> UserQuerySet:
        """Give all users."""
        return UserQuerySet(self.model, using=self._db)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without `password` the user cannot sign in until one is set."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a reseller admin who may also use Django admin in full."""
        fields = {"is_staff": True, "is_superuser": True, "reseller_role": ResellerRole.ADMIN} | fields
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Give the user with this e-mail address; raise User.DoesNotExist where there is none."""
        return self.get(email=username or "")


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. Reseller staff have a `reseller_role`; customers' people have memberships."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = AddressField("e-mail address", unique=True)
    name = models.CharField(max_length=150, blank=True, validators=[validate_single_line, validate_no_web_address])
    reseller_role = models.CharField(max_length=20, choices=ResellerRole, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may use Django admin", default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    time_zone = models.CharField(max_length=64, blank=True)
    # Stands in each session: a higher one ends all that there are (accounts/sessions.py).
    sign_in_epoch = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        ordering = ["email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_in_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row; while a person is inactive all sessions end, so that none is good again later."""
        if not self.is_active and self.pk is not None:
            self.sign_in_epoch += 1
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "sign_in_epoch"}
        super().save(*args, **kwargs)

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Give what a session must hold to be this person's: it ends with the password, the address and the epoch."""
        held = f"{self.password} {self.email} {self.sign_in_epoch}"
        return salted_hmac("accounts.session", held, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_reseller_staff(self) -> bool:
        """Whether the user works for the reseller."""
        return bool(self.reseller_role)

    def may(self, permission: Permission) -> bool:
        """Whether the user's role at the reseller gives `permission`."""
        return self.is_active and permission in RESELLER_PERMISSIONS.get(self.reseller_role, frozenset())
