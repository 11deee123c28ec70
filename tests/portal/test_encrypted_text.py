"""A secret at rest is decrypted when someone asks for it, and leaves in no other way."""

import copy
import json
import pickle
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.management import call_command
from django.core.serializers.base import DeserializationError
from django.db import connection
from django.forms import modelform_factory
from django.forms.models import model_to_dict

from portal import fields
from portal.crypto import DecryptionError
from portal.fields import EncryptedText
from subscriptions.models import EabBinding, Subscription
from tests import cast

PLAIN = cast.HMAC_KEY


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT eab_hmac_key FROM subscriptions_eabbinding")
        return str(cursor.fetchone()[0])


def dump(form: str = "json") -> str:
    out = StringIO()
    call_command("dumpdata", "subscriptions.eabbinding", format=form, stdout=out)
    return out.getvalue()


@pytest.fixture
def binding(subscription: Subscription) -> EabBinding:
    return EabBinding.objects.get(subscription=subscription)


def test_it_works(binding: EabBinding) -> None:
    assert binding.eab_hmac_key.reveal() == PLAIN
    assert stored() == binding.eab_hmac_key.token != PLAIN


def test_what_is_assigned_is_encrypted_at_once(binding: EabBinding) -> None:
    binding.eab_hmac_key = "another"
    assert binding.eab_hmac_key.reveal() == "another"
    binding.save()
    assert EabBinding.objects.get().eab_hmac_key.reveal() == "another"
    EabBinding.objects.update(eab_hmac_key="a third")
    assert EabBinding.objects.get().eab_hmac_key.reveal() == "a third"


def test_saving_a_row_leaves_the_ciphertext_as_it_was(binding: EabBinding) -> None:
    before = stored()
    binding.save()
    assert stored() == before


def test_reading_rows_decrypts_nothing(binding: EabBinding, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(fields, "decrypt", asked.append)
    for row in EabBinding.objects.all():
        str(row.eab_hmac_key)
    list(EabBinding.objects.values_list("eab_hmac_key"))
    Subscription.objects.select_related("binding").get()
    assert asked == []


def test_no_writing_of_a_row_holds_it(binding: EabBinding) -> None:
    made = EabBinding(eab_hmac_key=PLAIN)
    for row in (binding, made):
        held = [repr(row), str(vars(row)), str(model_to_dict(row)), f"{row.eab_hmac_key} {row.eab_hmac_key!r}"]
        assert [text for text in held if PLAIN in text] == []
        assert PLAIN.encode() not in pickle.dumps(row)
        assert PLAIN not in str(vars(copy.deepcopy(row)))
        with pytest.raises(TypeError):
            json.dumps(row.eab_hmac_key)
    assert PLAIN not in str(list(EabBinding.objects.values()))
    assert pickle.loads(pickle.dumps(binding)).eab_hmac_key.reveal() == PLAIN  # noqa: S301  # our own


@pytest.mark.parametrize("form", ["json", "jsonl", "xml", "yaml", "python"])
def test_a_fixture_holds_the_ciphertext(binding: EabBinding, form: str) -> None:
    text = str(serializers.serialize(form, EabBinding.objects.all()))
    assert PLAIN not in text
    assert f"fernet:{stored()}" in text


@pytest.mark.parametrize("form", ["json", "jsonl", "xml", "yaml"])
def test_a_fixture_is_loaded_again(binding: EabBinding, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"dump.{form}"
    path.write_text(dump(form))
    EabBinding.objects.all().delete()
    call_command("loaddata", path, verbosity=0)
    assert EabBinding.objects.get().eab_hmac_key.reveal() == PLAIN


def test_a_fixture_of_another_installation_is_refused(binding: EabBinding, tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "dump.json"
    path.write_text(dump())
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(DeserializationError, match="encrypted with a key that is not in ENCRYPTION_KEYS"):
        call_command("loaddata", path, verbosity=0)


def test_a_fixture_with_plain_text_is_encrypted(binding: EabBinding, tmp_path: Path) -> None:
    rows = json.loads(dump())
    rows[0]["fields"]["eab_hmac_key"] = "from-an-older-dump"
    path = tmp_path / "dump.json"
    path.write_text(json.dumps(rows))
    call_command("loaddata", path, verbosity=0)
    assert "from-an-older-dump" not in stored()
    assert EabBinding.objects.get().eab_hmac_key.reveal() == "from-an-older-dump"


def test_no_form_takes_it() -> None:
    assert "eab_hmac_key" not in modelform_factory(EabBinding, exclude=["directory_url"]).base_fields


def test_another_key_reads_nothing(binding: EabBinding, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    read = EabBinding.objects.get().eab_hmac_key
    assert isinstance(read, EncryptedText)
    with pytest.raises(DecryptionError):
        read.reveal()
