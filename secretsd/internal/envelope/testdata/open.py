"""Opens vectors.json by docs/storage-format.md alone: no tink, nothing of Casemate's."""

import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def lp(text):
    return len(text).to_bytes(4, "big") + text.encode()


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at


def fields(data):
    """The fields of a protobuf message, as (number, value); what has a length is bytes."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        value, at = varint(data, at)
        if tag & 7 == 2:
            value, at = data[at : at + value], at + value
        yield tag >> 3, value


def keys_of_json(keyset):
    for key in keyset["key"]:
        yield key["keyId"], dict(fields(base64.b64decode(key["keyData"]["value"])))[3]


def keys_of_binary(keyset):
    for number, value in fields(keyset):
        if number == 2:
            key = dict(fields(value))
            yield key[3], dict(fields(dict(fields(key[1]))[2]))[3]


def tink_open(keys, sealed, aad):
    assert sealed[0] == 1
    key = dict(keys)[int.from_bytes(sealed[1:5], "big")]
    return AESGCM(key).decrypt(sealed[5:17], sealed[17:], aad)


def kek(vector):
    f = vector["kek_file"]
    if "key" in f:
        return keys_of_json(f)
    assert f["format"] == "casemate.kek.v1"
    key = base64.b64decode(vector.get("key") or vector.get("service_key") or "")
    if s := f.get("scrypt"):
        n, salt = 1 << s["log_n"], base64.b64decode(s["salt"])
        passphrase = vector["passphrase"].encode()
        key = hashlib.scrypt(passphrase, salt=salt, n=n, r=s["r"], p=s["p"], maxmem=1 << 28, dklen=32)
    sealed = base64.b64decode(f["ciphertext"])
    return keys_of_binary(AESGCM(key).decrypt(sealed[:12], sealed[12:], lp(f["format"])))


for v in json.load(open(sys.argv[1])):
    wrapped, sealed = bytes.fromhex(v["wrapped_dek"]), bytes.fromhex(v["ciphertext"])
    dek = keys_of_binary(tink_open(kek(v), wrapped, lp("casemate.dek.v1") + lp(v["team"])))
    assert v["kek_id"] == "local:%d" % int.from_bytes(wrapped[1:5], "big")
    assert v["data_key_id"] == sealed[1:5].hex()
    place = lp("casemate.value.v1") + lp(v["team"]) + lp(v["secret_uid"]) + v["version"].to_bytes(8, "big")
    print(v["name"] + ": " + tink_open(dek, sealed, place).decode())
