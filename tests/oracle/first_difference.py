#!/usr/bin/env python3
"""Prints the first place at which two JSON files differ.  first_difference.py OURS ORACLE"""
import json
import sys


def differ(left, right, path):
    """(path, left, right) of the first difference, or None. The depth of a trace is small."""
    if type(left) is not type(right):
        return path, left, right
    if isinstance(left, dict):
        for key in sorted(set(left) | set(right)):
            if key not in left or key not in right:
                return f"{path}.{key}", left.get(key, "absent"), right.get(key, "absent")
            found = differ(left[key], right[key], f"{path}.{key}")
            if found:
                return found
        return None
    if isinstance(left, list):
        for at, (one, other) in enumerate(zip(left, right)):
            found = differ(one, other, f"{path}[{at}]")
            if found:
                return found
        if len(left) != len(right):
            at = min(len(left), len(right))
            return (f"{path}[{at}]", left[at] if at < len(left) else "absent",
                    right[at] if at < len(right) else "absent")
        return None
    return None if left == right else (path, left, right)


def main():
    texts = []
    for path in sys.argv[1:3]:
        with open(path, "rb") as file:
            texts.append(file.read())
    try:
        values = [json.loads(text) for text in texts]
    except ValueError as why:
        print(f"not JSON: {why}; first bytes: {texts[0][:200]!r}, oracle: {texts[1][:200]!r}")
        return
    found = differ(values[0], values[1], "$")
    if found:
        print("%s: ours %s, oracle %s" % (found[0], *(json.dumps(value, ensure_ascii=False)
                                                      for value in found[1:])))
    elif texts[0] != texts[1]:
        at = next((n for n, (a, b) in enumerate(zip(*texts)) if a != b), min(map(len, texts)))
        print(f"same values, other bytes from {at}: ours {texts[0][at:at + 40]!r}, "
              f"oracle {texts[1][at:at + 40]!r}")


if __name__ == "__main__":
    main()
