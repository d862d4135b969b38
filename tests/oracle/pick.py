#!/usr/bin/env python3
"""Plays the officer: picks other versions of contradicted transfers, and seeds.

    pick.py SEED CONFLICTS SEEDS PICKS

CONFLICTS is the answer of `moei transfer list --json`, SEEDS the seeds.txt of make.py. PICKS gets
what trace.py reads; the output has one pick a line: transfer id, tab, hash of the row picked.
"""
import hashlib
import json
import random
import sys


def main():
    seed, conflicts, seeds, picks = sys.argv[1:5]
    any_of = random.Random(int(seed))
    with open(conflicts, encoding="utf-8") as file:
        items = json.load(file)["items"]
    versions = {}
    for item in any_of.sample(items, min(len(items), 4)):
        row = any_of.choice([version for version in item["versions"]
                             if not version["current"]])["row"]
        versions[item["id"]] = row
        print(item["id"] + "\t" + hashlib.sha256(row.encode("utf-8")).hexdigest())
    with open(seeds, encoding="utf-8") as file:
        lines = [line.split("\t") for line in file.read().splitlines()]
    with open(picks, "w", encoding="utf-8") as file:
        json.dump({"versions": versions,
                   "seeds": {report: ids.split(",") for report, ids in lines}}, file)


if __name__ == "__main__":
    main()
