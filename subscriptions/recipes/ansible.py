"""Ansible with the collection community.crypto: a playbook that orders and renews on many hosts."""

from .facts import ClientRun, Platform, Recipe
from .options import RELOAD_OPTION
from .plugins.ansible import PLUGINS
from .quoting import ansible_quoted
from .refusing import refuse_unwritable
from .values import Challenge

RECIPE = Recipe(
    slug="ansible",
    name="Ansible",
    audience="Hosts that Ansible manages: a playbook with community.crypto",
    platforms=(Platform.AUTOMATION, Platform.LINUX, Platform.BSD),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://docs.ansible.com/ansible/latest/collections/community/crypto/",
    options=(RELOAD_OPTION,),
    dns_plugins=PLUGINS,
    ran_by_tests=(
        ClientRun(
            version="community.crypto 3.0.5, ansible-core 2.19",
            source="PyPI, on demand",
            proved="HTTP-01 webroot, DNS-01 wildcard by RFC 2136, no change when run again, renewal, wrong credentials",
        ),
    ),
    not_run="the other DNS modules (their options are checked)",
    own_refusals=refuse_unwritable("Ansible", ansible_quoted),
)
