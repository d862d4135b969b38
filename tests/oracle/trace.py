#!/usr/bin/env python3
"""A second, independent implementation of the trace, written from the words of the issue alone.

It reads native transfer and report files and writes the JSON that `moei trace --json` must write,
byte for byte. Clarity goes before speed: every account is a plain list or dictionary, every
division is done on whole Python integers.

    trace.py --transfers FILE... --reports FILE... --report ID[,ID...] [--rule RULE]
             [--until TIME] [--picks FILE] [--currencies FILE]
    trace.py --transfers FILE... --reports FILE... --traces FILE --out FOLDER [--picks FILE]

Exit 1: no known seed. --traces has one trace a line, report ids and time until with a tab between
("-": no end); FOLDER gets N-RULE.json for line N and each rule, N-RULE.none where no seed is known.
--picks is {"versions": {transfer: row}, "seeds": {report: [transfer, ...]}}; row is the mapped row
of the version that an officer picked.
"""
import argparse
import copy
import csv
import json
import os
import re
import sys
import unicodedata
from datetime import datetime, timedelta, timezone

TRANSFER_COLUMNS = (
    "id,booked_at,from_country,from_institution,from_account,to_country,to_institution,"
    "to_account,amount,currency,credited_amount,credited_currency,from_balance,to_balance,"
    "seq,channel,memo").split(",")
MANDATORY = TRANSFER_COLUMNS[:10]
OPTIONAL = TRANSFER_COLUMNS[10:]
REPORT_COLUMNS = ("id,reported_at,victim,country,channel,loss,currency,transfers,accounts,"
                  "phones,urls,story").split(",")
AMOUNT_MAX = 10**15
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
CLEAN = None  # The tag of money that no report claims.
# The first digit of each decimal system that the issue names.
ZEROS = [ord("0"), 0x0E50, 0x1040, 0x17E0, 0x0ED0]


class BadRow(Exception):
    """A row that is left out whole."""


def clean_text(cell, column):
    """Blanks off both ends, normal form C, and a memo on one line."""
    cell = unicodedata.normalize("NFC", cell.strip(" \t\r\n\v\f\u00a0\u3000"))
    return re.sub(r"[\t\r\n]+", " ", cell) if column == "memo" else cell


def bytes_of(text):
    return text.encode("utf-8")


# ---------------------------------------------------------------- reading

def ascii_digits(text):
    out = []
    for char in text:
        for zero in ZEROS:
            if zero <= ord(char) <= zero + 9:
                char = chr(ord("0") + ord(char) - zero)
                break
        out.append(char)
    return "".join(out)


def parse_amount(text, exponent):
    match = re.fullmatch(r"([+-]?)([0-9]+)(?:\.([0-9]+))?", ascii_digits(text))
    if not match:
        raise BadRow("amount " + text)
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    if fraction[exponent:].strip("0"):
        raise BadRow("more digits than the currency has: " + text)
    value = int(whole + fraction[:exponent].ljust(exponent, "0"))
    if value > AMOUNT_MAX:
        raise BadRow("amount too large: " + text)
    return -value if sign == "-" else value


def parse_time(text, buddhist=True):
    """Microseconds since 1970 in UTC of an RFC 3339 time with offset."""
    match = re.fullmatch(
        r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
        r"(?:\.([0-9]{1,6}))?(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))", text)
    if not match:
        raise BadRow("time " + text)
    year = int(match.group(1))
    if buddhist and 2400 <= year <= 2700:
        year -= 543
    micros = int((match.group(7) or "").ljust(6, "0"))
    offset = timedelta(0)
    if not match.group(8):
        hours, minutes = int(match.group(10)), int(match.group(11))
        if hours > 23 or minutes > 59:
            raise BadRow("offset " + text)
        offset = timedelta(hours=hours, minutes=minutes)
        if match.group(9) == "-":
            offset = -offset
    try:
        moment = datetime(year, int(match.group(2)), int(match.group(3)), int(match.group(4)),
                          int(match.group(5)), int(match.group(6)), micros, timezone.utc)
    except ValueError as why:
        raise BadRow(f"time {text}: {why}") from why
    return (moment - offset - EPOCH) // timedelta(microseconds=1)


def format_time(micros):
    moment = EPOCH + timedelta(microseconds=micros)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    fraction = f"{moment.microsecond:06d}".rstrip("0")
    return text + ("." + fraction if fraction else "") + "Z"


def read_rows(path, columns):
    """The rows of a CSV file as dictionaries; columns that the file lacks are empty."""
    csv.field_size_limit(1 << 20)
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        header = next(rows)
        for row in rows:
            if len(row) == len(header):
                named = dict(zip(header, row))
                yield {name: clean_text(named.get(name, ""), name) for name in columns}
            elif row:
                print(f"{path}: a row with {len(row)} columns is left out", file=sys.stderr)


def read_currencies(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {row["code"]: int(row["exponent"]) for row in csv.DictReader(file)}


class Transfer:
    """One telling of a transfer; optional fields that were not told are None."""

    def __init__(self, row, exponents):
        def exponent(code):
            if code not in exponents:
                raise BadRow("currency " + code)
            return exponents[code]

        def optional(name, parse):
            return parse(row[name]) if row[name] else None

        self.id = row["id"]
        self.booked_at = parse_time(row["booked_at"])
        self.from_country = row["from_country"]
        self.from_institution = row["from_institution"]
        self.from_account = row["from_account"]
        self.to_country = row["to_country"]
        self.to_institution = row["to_institution"]
        self.to_account = row["to_account"]
        self.currency = row["currency"]
        self.amount = parse_amount(row["amount"], exponent(self.currency))
        credited_currency = row["credited_currency"] or self.currency
        money_in = exponent(credited_currency)
        self.credited_amount = optional("credited_amount", lambda t: parse_amount(t, money_in))
        self.credited_currency = row["credited_currency"] or None
        self.from_balance = optional(
            "from_balance", lambda t: parse_amount(t, exponent(self.currency)))
        self.to_balance = optional("to_balance", lambda t: parse_amount(t, money_in))
        self.seq = optional("seq", self.parse_seq)
        self.channel = row["channel"] or None
        self.memo = row["memo"] or None
        self.exponents = (exponent(self.currency), money_in)
        self.check(credited_currency)

    @staticmethod
    def parse_seq(text):
        if not re.fullmatch(r"[+-]?[0-9]+", text):
            raise BadRow("seq " + text)
        return int(text)

    def check(self, credited_currency):
        if not self.id:
            raise BadRow("no id")
        if self.amount <= 0:
            raise BadRow("amount is not above 0")
        if self.credited_amount is not None and self.credited_amount < 0:
            raise BadRow("credited amount below 0")
        if not self.from_account and not self.to_account:
            raise BadRow("both accounts are empty")
        if credited_currency != self.currency:
            if self.credited_amount is None:
                raise BadRow("another credited currency without a credited amount")
            return
        if self.credited_amount is not None and self.credited_amount > self.amount:
            raise BadRow("credits more than it debits")
        here = (self.from_country, self.from_institution, self.from_account)
        if here == (self.to_country, self.to_institution, self.to_account):
            raise BadRow("to itself")

    # What the trace sees.

    @property
    def in_currency(self):
        return self.credited_currency or self.currency

    @property
    def credited(self):
        return self.amount if self.credited_amount is None else self.credited_amount

    @property
    def source(self):
        if not self.from_account:
            return None
        return (self.from_country, self.from_institution, self.from_account, self.currency)

    @property
    def target(self):
        if not self.to_account:
            return None
        return (self.to_country, self.to_institution, self.to_account, self.in_currency)

    @property
    def order(self):
        return (self.booked_at, bytes_of(self.from_country), bytes_of(self.from_institution),
                self.seq or 0, bytes_of(self.id))

    # Several tellings of one id.

    def told(self, name):
        """What this telling says in an optional field. Money credited, or a balance after it,
        that is told without a currency is in the currency debited."""
        value = getattr(self, name)
        if name == "credited_currency" and value is None:
            if self.credited_amount is not None or self.to_balance is not None:
                return self.currency
        return value

    def agrees(self, other):
        if any(getattr(self, name) != getattr(other, name) for name in MANDATORY):
            return False
        for name in OPTIONAL:
            mine, theirs = self.told(name), other.told(name)
            if mine is not None and theirs is not None and mine != theirs:
                return False
        return True

    def within(self, other):
        """True when it says nothing that the other telling does not say alike."""
        return self.agrees(other) and all(
            getattr(self, name) is None or getattr(other, name) is not None for name in OPTIONAL)

    def fill(self, other):
        for name in OPTIONAL:
            if getattr(self, name) is None:
                setattr(self, name, getattr(other, name))
        if other.credited_currency is not None:
            self.exponents = (self.exponents[0], other.exponents[1])

    def row(self):
        """The mapped row whose bytes decide between two versions."""
        def money(value, exponent):
            if value is None:
                return ""
            digits = f"{abs(value):0{exponent + 1}d}"
            text = digits[:len(digits) - exponent]
            if exponent:
                text += "." + digits[-exponent:]
            return ("-" if value < 0 else "") + text

        out, into = self.exponents
        cells = [self.id, format_time(self.booked_at), self.from_country, self.from_institution,
                 self.from_account, self.to_country, self.to_institution, self.to_account,
                 money(self.amount, out), self.currency, money(self.credited_amount, into),
                 self.credited_currency or "", money(self.from_balance, out),
                 money(self.to_balance, into), "" if self.seq is None else str(self.seq),
                 self.channel or "", self.memo or ""]
        return bytes_of(",".join(map(self.quote, cells)))

    @staticmethod
    def quote(cell):
        """RFC 4180: quotes only where they are needed."""
        if any(char in cell for char in ',"\r\n'):
            return '"' + cell.replace('"', '""') + '"'
        return cell


def versions_of(tellings):
    """The versions of one transfer, smallest row first, whatever the order of the tellings.

    The issue leaves open what three tellings make; docs/format-stream.md says it: one that is
    within another is set aside, the others join, by their rows, the first version they agree with.
    """
    tellings = list({telling.row(): telling for telling in tellings}.values())
    versions = []
    for telling in sorted(tellings, key=Transfer.row):
        if any(telling is not other and telling.within(other) for other in tellings):
            continue
        for version in versions:
            if version.agrees(telling):
                version.fill(telling)
                break
        else:
            versions.append(copy.copy(telling))
    return sorted(versions, key=Transfer.row)


def version_used(tellings, picked):
    """The version that an officer picked, else the one with the smallest row."""
    versions = versions_of(tellings)
    if picked is None:
        return versions[0]
    found = [version for version in versions if version.row() == bytes_of(picked)]
    if len(found) != 1:
        sys.exit(f"no version reads {picked!r}; there are {[v.row() for v in versions]}")
    return found[0]


def read_transfers(paths, exponents, picked):
    told = {}
    for path in paths:
        for row in read_rows(path, TRANSFER_COLUMNS):
            try:
                telling = Transfer(row, exponents)
            except BadRow as why:
                print(f"{path}: {row['id']}: {why}", file=sys.stderr)
                continue
            told.setdefault(telling.id, []).append(telling)
    used = [version_used(tellings, picked.get(name)) for name, tellings in told.items()]
    return sorted(used, key=lambda transfer: transfer.order)


def read_reports(paths, picked):
    """id -> (currency, ids of its transfers)."""
    rows = {}
    for path in paths:
        for row in read_rows(path, REPORT_COLUMNS + ["happened_at"]):
            if not re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", row["id"]):
                print(f"{path}: report id {row['id']!r} is left out", file=sys.stderr)
            elif rows.setdefault(row["id"], row) != row:
                print(f"{path}: report {row['id']} differs, the first stays", file=sys.stderr)
    reports = {}
    for name, row in rows.items():
        ids = [item.strip() for item in row["transfers"].split(";") if item.strip()]
        ids += [clean_text(item, "transfers") for item in picked.get(name, [])]
        reports[name] = (row["currency"], set(ids))
    return reports


# ---------------------------------------------------------------- whole numbers

def shares(weights, total):
    """Splits total in proportion to the weights by largest remainder; ties to the earlier."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    first = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    for i in first[:total - sum(parts)]:
        parts[i] += 1
    assert sum(parts) == total
    return parts


def join(parts):
    """Adjacent parts of one tag become one; parts of 0 vanish."""
    out = []
    for tag, amount in parts:
        if amount == 0:
            continue
        if out and out[-1][0] == tag:
            out[-1] = (tag, out[-1][1] + amount)
        else:
            out.append((tag, amount))
    return out


def tag_key(tag):
    return (1, b"") if tag is CLEAN else (0, bytes_of(tag))


# ---------------------------------------------------------------- what lies in an account

class Layers:
    """fifo and lifo: parts lie in the order in which they arrived."""

    def __init__(self, opening, newest_first):
        self.parts = [(CLEAN, opening)] if opening > 0 else []
        self.newest_first = newest_first

    def take(self, amount):
        left = []
        while amount and self.parts:
            at = -1 if self.newest_first else 0
            tag, lies = self.parts[at]
            out = min(lies, amount)
            left.append((tag, out))
            amount -= out
            if out == lies:
                del self.parts[at]
            else:
                self.parts[at] = (tag, lies - out)
        left.append((CLEAN, amount))
        return join(left)

    def put(self, parts):
        self.parts.extend(parts)

    def tags(self):
        sums = {}
        for tag, amount in self.parts:
            if tag is not CLEAN:
                sums[tag] = sums.get(tag, 0) + amount
        return sums


class Mixture:
    """pro_rata and libr: only how much of each tag lies there counts."""

    def __init__(self, opening, clean_first):
        self.lies = {CLEAN: max(opening, 0)}
        self.clean_first = clean_first

    def take(self, amount):
        total = sum(self.lies.values())
        if amount >= total:
            out = dict(self.lies)
            out[CLEAN] = out.get(CLEAN, 0) + amount - total
            self.lies = {}
        elif self.clean_first:
            clean = min(amount, self.lies.get(CLEAN, 0))
            out = self.split(amount - clean, [tag for tag in self.lies if tag is not CLEAN])
            out[CLEAN] = clean
        else:
            out = self.split(amount, list(self.lies))
        for tag in self.lies:
            self.lies[tag] -= out.get(tag, 0)
            assert self.lies[tag] >= 0
        return join((tag, out[tag]) for tag in sorted(out, key=tag_key))

    def split(self, amount, tags):
        tags.sort(key=tag_key)
        if amount == 0:
            return {}
        return dict(zip(tags, shares([self.lies[tag] for tag in tags], amount)))

    def put(self, parts):
        for tag, amount in parts:
            self.lies[tag] = self.lies.get(tag, 0) + amount

    def tags(self):
        return {tag: n for tag, n in self.lies.items() if tag is not CLEAN and n}


class Poisoned:
    """poison: which reports have ever reached the account."""

    def __init__(self):
        self.reports = set()

    def take(self, _amount):
        return [(report, 1) for report in sorted(self.reports)]

    def put(self, parts):
        self.reports |= {tag for tag, _ in parts}

    def tags(self):
        return {report: 1 for report in self.reports}


def new_account(rule, opening):
    if rule in ("fifo", "lifo"):
        return Layers(opening, rule == "lifo")
    if rule in ("pro_rata", "libr"):
        return Mixture(opening, rule == "libr")
    return Poisoned()


# ---------------------------------------------------------------- the trace

def openings_of(transfers):
    net, lowest, opening = {}, {}, {}
    for transfer in transfers:
        legs = [(transfer.source, -transfer.amount, transfer.from_balance),
                (transfer.target, transfer.credited, transfer.to_balance)]
        for account, change, balance in legs:
            if account is None:
                continue
            net[account] = net.get(account, 0) + change
            lowest[account] = min(lowest.get(account, 0), net[account])
            if balance is not None and account not in opening:
                opening[account] = balance - net[account]
    return {account: opening.get(account, -lowest[account]) for account in net}


class Trace:
    def __init__(self, transfers, chosen, reports, rule, until):
        self.rule, self.until = rule, until
        self.chosen = {name: reports[name] for name in sorted(chosen)}
        known = {transfer.id for transfer in transfers}
        self.notes, self.seeds = [], {}
        for report, (_, ids) in self.chosen.items():  # The smallest id first.
            for name in ids:
                if name not in known:
                    self.notes.append((report, name, None))
                elif name in self.seeds:
                    self.notes.append((report, name, self.seeds[name]))
                else:
                    self.seeds[name] = report
        self.opening = openings_of(transfers)
        self.balance = dict(self.opening)
        self.lies = {}       # account -> what lies there
        self.level = {}      # account -> lowest level by which tags came
        self.first_at = {}
        self.listed = []     # (id, level, {tag: amount})
        self.sums = {}       # (list, report, currency) -> amount
        self.exchanged = set()
        for transfer in transfers:
            if until is None or transfer.booked_at <= until:
                self.apply(transfer)
        self.check()

    def add(self, kind, report, currency, amount):
        key = (kind, report, currency)
        self.sums[key] = self.sums.get(key, 0) + amount

    def account(self, name):
        if name not in self.lies:
            self.lies[name] = new_account(self.rule, self.opening[name])
        return self.lies[name]

    def scale(self, transfer, parts):
        if self.rule == "poison" or transfer.credited == transfer.amount:
            return parts
        amounts = shares([amount for _, amount in parts], transfer.credited)
        return [(tag, n) for (tag, _), n in zip(parts, amounts) if n]

    def apply(self, transfer):
        source, target = transfer.source, transfer.target
        if source:
            parts = self.account(source).take(transfer.amount)
            self.balance[source] -= transfer.amount
        elif self.rule == "poison":
            parts = []
        else:
            parts = [(CLEAN, transfer.amount)]
        if self.rule != "poison":
            assert sum(amount for _, amount in parts) == transfer.amount
        arriving = self.scale(transfer, parts)
        self.count_cost(transfer, parts, arriving)
        report = self.seeds.get(transfer.id)
        if report is not None:
            arriving = self.seed(transfer, report, arriving)
        tags = {}
        for tag, amount in arriving:
            if tag is not CLEAN:
                tags[tag] = tags.get(tag, 0) + amount
        if tags:
            self.list(transfer, tags, report is not None)
        if target:
            self.account(target).put(arriving)
            self.balance[target] += transfer.credited
        elif self.rule != "poison":
            for tag, amount in tags.items():
                self.add("exits", tag, transfer.in_currency, amount)

    def seed(self, transfer, report, arriving):
        if self.rule == "poison":
            return [part for part in arriving if part[0] != report] + [(report, 1)]
        clean = sum(amount for tag, amount in arriving if tag is CLEAN)
        self.add("seed", report, transfer.in_currency, clean)
        return [(report if tag is CLEAN else tag, amount) for tag, amount in arriving]

    def count_cost(self, transfer, parts, arriving):
        if self.rule == "poison":
            return
        if transfer.in_currency != transfer.currency:
            self.exchanged |= {tag for tag, _ in parts}
            return
        for sign, side in ((1, parts), (-1, arriving)):
            for tag, amount in side:
                if tag is not CLEAN:
                    self.add("cost", tag, transfer.currency, sign * amount)

    def list(self, transfer, tags, is_seed):
        level = 1 if is_seed else 1 + self.level[transfer.source]
        self.listed.append((transfer.id, level, tags))
        if transfer.target:
            self.level[transfer.target] = min(level, self.level.get(transfer.target, level))
            self.first_at.setdefault(transfer.target, transfer.booked_at)

    def check(self):
        """Tags are conserved, else the program stops."""
        if self.rule == "poison":
            return
        for account in self.lies.values():
            for tag, amount in account.tags().items():
                assert amount > 0, tag
        for name, account in self.lies.items():
            for tag, amount in account.tags().items():
                self.add("left", tag, name[3], amount)
        for report in self.chosen:
            if report in self.exchanged:
                continue
            total = {kind: sum(n for (k, r, _), n in self.sums.items() if (k, r) == (kind, report))
                     for kind in ("seed", "left", "exits", "cost")}
            assert total["seed"] == total["left"] + total["exits"] + total["cost"], (report, total)

    def money(self, kind, report):
        return [{"amount": amount, "currency": currency}
                for (k, r, currency), amount in sorted(self.sums.items(),
                                                       key=lambda item: item[0])
                if (k, r) == (kind, report) and amount]

    def tag_list(self, tags):
        if self.rule == "poison":
            return [{"report": tag} for tag in sorted(tags)]
        return [{"amount": tags[tag], "report": tag} for tag in sorted(tags) if tags[tag]]

    def answer(self):
        accounts = [{"account": name[2], "balance": self.balance[name], "country": name[0],
                     "currency": name[3], "first_at": format_time(self.first_at[name]),
                     "institution": name[1], "level": level,
                     "tags": self.tag_list(self.lies[name].tags())}
                    for name, level in sorted(self.level.items(),
                                              key=lambda item: [bytes_of(x) for x in item[0]])]
        transfers = [{"id": name, "level": level, "tags": self.tag_list(tags)}
                     for name, level, tags in sorted(self.listed, key=lambda t: bytes_of(t[0]))]
        notes = [{"belongs_to": owner, "report": report, "transfer": name}
                 for report, name, owner in sorted(self.notes, key=lambda note: (
                     bytes_of(note[0]), bytes_of(note[1])))]
        reports = [{"cost": self.money("cost", report), "currency": currency,
                    "exits": self.money("exits", report), "id": report,
                    "left": self.money("left", report), "seed": self.money("seed", report)}
                   for report, (currency, _) in self.chosen.items()]
        return {"accounts": accounts, "notes": notes, "reports": reports, "rule": self.rule,
                "transfers": transfers,
                "until": None if self.until is None else format_time(self.until)}


def canonical(value):
    """RFC 8785: every key here is ASCII, every number whole, so sorted keys are enough."""
    return bytes_of(json.dumps(value, sort_keys=True, separators=(",", ":"),
                               ensure_ascii=False)) + b"\n"


RULES = ["fifo", "lifo", "pro_rata", "libr", "poison"]


def answer_of(transfers, reports, chosen, rule, until):
    """The bytes of the answer, or None where no report of the trace has a known seed."""
    names = set(chosen.split(","))
    if names - set(reports):
        sys.exit(f"no such report: {sorted(names - set(reports))}")
    trace = Trace(transfers, names, reports, rule,
                  None if until is None else parse_time(until, buddhist=False))
    return canonical(trace.answer()) if trace.seeds else None


def write_traces(transfers, reports, path, folder):
    os.makedirs(folder, exist_ok=True)
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines, 1):
        chosen, until = line.split("\t")
        for rule in RULES:
            answer = answer_of(transfers, reports, chosen, rule, None if until == "-" else until)
            name = f"{number}-{rule}.{'none' if answer is None else 'json'}"
            with open(os.path.join(folder, name), "wb") as file:
                file.write(answer or b"")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--transfers", nargs="+", required=True)
    parser.add_argument("--reports", nargs="+", required=True)
    parser.add_argument("--report", "--case", help="report ids with commas")
    parser.add_argument("--rule", default="fifo", choices=RULES)
    parser.add_argument("--until")
    parser.add_argument("--traces")
    parser.add_argument("--out")
    parser.add_argument("--picks")
    parser.add_argument("--currencies", default="data/currencies.csv")
    options = parser.parse_args()
    if (options.report is None) == (options.traces is None or options.out is None):
        parser.error("either --report or --traces with --out")
    picks = {}
    if options.picks:
        with open(options.picks, encoding="utf-8") as file:
            picks = json.load(file)
    transfers = read_transfers(options.transfers, read_currencies(options.currencies),
                               picks.get("versions", {}))
    reports = read_reports(options.reports, picks.get("seeds", {}))
    if options.traces:
        write_traces(transfers, reports, options.traces, options.out)
        return 0
    answer = answer_of(transfers, reports, options.report, options.rule, options.until)
    if answer is None:
        print("no report of this trace has a known seed", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
