#!/usr/bin/env python3
"""Makes vectors.txt from docs/format-record.md with hashlib and the openssl program alone.

    python3 tests/record/oracle.py > tests/record/vectors.txt

Run once and kept beside its output, so that the vectors do not come from the code they test.
"""
import base64
import hashlib
import json
import subprocess
import tempfile

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def jcs(value):  # for ASCII keys and whole numbers this is RFC 8785
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha(data):
    return hashlib.sha256(data).digest()


def sign(message):
    der = bytes.fromhex("302e020100300506032b657004220420") + SEED
    with tempfile.NamedTemporaryFile() as key, tempfile.NamedTemporaryFile() as text:
        key.write(der)
        key.flush()
        text.write(message)
        text.flush()
        return subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-keyform", "DER", "-inkey", key.name, "-rawin", "-in", text.name],
            check=True, capture_output=True).stdout


MARK = {"handling": "H0", "note": None, "pap": "AMBER", "purposes": [], "tlp": "AMBER+STRICT", "to": [], "until": None}
genesis = {
    "at": "2026-11-22T08:00:00.000000Z", "basis": {"law": None, "purpose": "genesis"},
    "body": {"agency_kind": "centre", "country": "TH", "log_key": PUBLIC.hex(), "name": "th-centre",
             "recovery_key": PUBLIC.hex(), "timezone": "Asia/Bangkok", "title": "ศูนย์ต่อต้านการฉ้อโกง"},
    "by": {"agency": None, "officer": None}, "grade": None, "id": "019aaa00-0000-7000-8000-000000000001",
    "kind": "genesis", "mark": MARK, "of": None, "refs": [], "v": 1}


def envelope(record, sigs=()):
    return jcs({"record": record, "sigs": list(sigs)})


def leaf_of(env, salt):
    commitment = sha(b"moei/record/v1\n" + salt + env)
    return commitment, sha(b"\0" + commitment)


salt0, salt1 = bytes(range(32)), bytes(range(32, 64))
env0 = envelope(genesis)
commitment0, leaf0 = leaf_of(env0, salt0)
agency = leaf0.hex()
officer = "019aaa00-0000-7000-8000-0000000000aa"
report = {
    "at": "2026-11-22T08:15:00.250000Z", "basis": {"law": "th-royal-decree-2566-4", "purpose": "trace"},
    "body": {"accounts": [{"account": "1234567890", "country": "TH", "institution": None}], "channel": "โทร “phone”\t\\",
             "country": "TH", "currency": "THB", "happened_at": None, "loss": 12500000,
             "phones": ["+66812345678"], "report": "R-2026-000001", "reported_at": "2026-11-22T08:10:00.000000Z",
             "row": sha(b"row").hex(), "transfers": [], "urls": []},
    "by": {"agency": agency, "officer": officer}, "grade": {"info": "2", "source": "C"},
    "id": "019aaa0d-bbbb-7000-8000-000000000002", "kind": "report",
    "mark": {**MARK, "handling": "H3", "note": "ask first", "purposes": ["refund", "trace"], "to": [agency],
             "until": "2027-01-01T00:00:00.000000Z"},
    "of": None, "refs": ["019aaa00-0000-7000-8000-000000000001"], "v": 1}
sig = sign(b"moei/sig/v1\n" + jcs(report))
env1 = envelope(report, [{"key": PUBLIC.hex(), "officer": officer, "sig": sig.hex()}])
commitment1, leaf1 = leaf_of(env1, salt1)
root = sha(b"\1" + leaf0 + leaf1)
origin = f"moei/{agency}/main"
text = f"{origin}\n2\n{base64.b64encode(root).decode()}\n"
key_hash = sha(origin.encode() + b"\n\1" + PUBLIC)[:4]
note = text + "\n— " + origin + " " + base64.b64encode(key_hash + sign(text.encode())).decode() + "\n"

for name, value in [
        ("log_key", PUBLIC.hex()), ("seed", SEED.hex()),
        ("genesis", env0.decode()), ("genesis_salt", salt0.hex()), ("genesis_commitment", commitment0.hex()),
        ("genesis_leaf", leaf0.hex()),
        ("report", env1.decode()), ("report_salt", salt1.hex()), ("report_commitment", commitment1.hex()),
        ("report_leaf", leaf1.hex()), ("root", root.hex()), ("checkpoint", note.replace("\n", "\\n"))]:
    print(f"{name} {value}")
