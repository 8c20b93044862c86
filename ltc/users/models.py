import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.constraints import ReferenceTable
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import Tenant, TenantRecord
from ltc.users.roles import READ_ACTS, Capability, Role, Scope, scopes_by_flag, scopes_of
from ltc.users.visibility import Visible


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in. Global: the same person may be a member of several tenants."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        COMPACT = "compact", _("Compact")
        DEFAULT = "default", _("Default")
        ROOMY = "roomy", _("Roomy")

    id = models.BigAutoField(primary_key=True)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False)
    language = models.CharField(max_length=10, blank=True)
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=8, choices=Density, default=Density.DEFAULT)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [ReferenceTable(name="users_user_reference")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """A user by itself may do nothing: rights come from a membership in a tenant."""
        return False


class Seat(models.Model):
    """The directory of who may enter which tenant: all that is known of a person's memberships before a tenant is active."""

    user = models.ForeignKey(User, models.CASCADE, related_name="seats")
    workspace = models.ForeignKey(Tenant, models.CASCADE, related_name="seats")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "workspace"], name="one_seat_per_user_and_workspace"),
            ReferenceTable(name="users_seat_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"


class Team(Visible, TenantRecord):
    """A node of the tenant's sales organisation; managers see their own team and all below it."""

    permission_area = "teams"
    own_fields = ()
    open_to_reference = True  # whoever writes a record may name the tenant's teams and members in it

    name = models.CharField(max_length=120)
    parent = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=600, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="team_name_is_unique")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.path = f"{self.parent.path if self.parent else '/'}{self.pk.hex}/"
        super().save(*args, **kwargs)


class Membership(Visible, TenantRecord):
    """A person's place in one tenant: role, team, capabilities. The actor of everything that a person does there."""

    permission_area = "members"
    own_fields = ()
    open_to_reference = True
    kind = "user"

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        INACTIVE = "inactive", _("Inactive")

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", db_index=False)
    name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=4, choices=Role)
    capabilities = ArrayField(models.CharField(max_length=20, choices=Capability), default=list, blank=True)
    team = TenantForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="members")
    manager = TenantForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reports")
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    capacity = models.PositiveIntegerField(default=200)
    on_leave_from = models.DateField(null=True, blank=True)
    on_leave_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="one_membership_per_user")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return self.name

    def scopes(self, permission: str) -> Sequence[Scope]:
        if self.state != self.State.ACTIVE:
            return ()
        return scopes_of(self.role, permission) or scopes_by_flag(self.capabilities, permission)

    def has_perm(self, permission: str, record: Any = None) -> bool:
        scopes = self.scopes(permission)
        return bool(scopes) and (record is None or record.is_within(self, scopes))

    @cached_property
    def _teams(self) -> frozenset[Any]:
        if self.team is None:
            return frozenset()
        return frozenset(Team.objects.filter(path__gte=self.team.path, path__lt=self.team.path + "~").values_list("pk", flat=True))

    def team_ids(self) -> frozenset[Any]:
        """This member's team and all teams below it."""
        return self._teams


class ApiKey(Visible, TenantRecord):
    """A secret of an integration, bound to one tenant: hashed, scoped, expiring, shown once."""

    permission_area = "keys"
    own_fields = ()
    kind = "api"

    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, editable=False)
    hint = models.CharField(max_length=12, editable=False)
    role = models.CharField(max_length=4, choices=Role, default=Role.API)
    access = ArrayField(models.CharField(max_length=60), default=list)
    created_by = TenantForeignKey(Membership, models.SET_NULL, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "digest"], name="api_key_digest_is_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return self.name

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())

    def scopes(self, permission: str) -> Sequence[Scope]:
        """A key reaches what its scopes name (`leads:read`, `orders:write`, `*`) and its role allows.

        `*` is full trust: everything in the tenant. Only an operator or an administrator gives it.
        """
        if "*" in self.access:
            return (Scope.ALL,)
        area, _dot, act = permission.partition(".")
        if f"{area}:write" in self.access or (act in READ_ACTS and f"{area}:read" in self.access):
            return scopes_of(self.role, permission)
        return ()

    def has_perm(self, permission: str, record: Any = None) -> bool:
        scopes = self.scopes(permission)
        return bool(scopes) and (record is None or record.is_within(self, scopes))

    def team_ids(self) -> frozenset[Any]:
        return frozenset()
