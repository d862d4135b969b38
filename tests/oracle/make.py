#!/usr/bin/env python3
"""Writes one seeded random ledger with its reports, in shapes that break careless tracing.

    make.py SEED FOLDER

FOLDER gets transfers-1.csv … (the rows scattered over files in any order, some told twice),
reports.csv, files.txt (the files in the order of import), traces.txt (one trace a line: the report
ids with commas, a tab, the time until which to trace or "-") and seeds.txt (what an officer picks
afterwards, one a line: a report, a tab, the ids of transfers with commas).
"""
import csv
import os
import random
import sys
from datetime import datetime, timedelta, timezone

TRANSFER_COLUMNS = (
    "id,booked_at,from_country,from_institution,from_account,to_country,to_institution,"
    "to_account,amount,currency,credited_amount,credited_currency,from_balance,to_balance,"
    "seq,channel,memo").split(",")
REPORT_COLUMNS = ("id,reported_at,victim,country,channel,loss,currency,transfers,accounts,"
                  "phones,urls,story,happened_at").split(",")
EXPONENTS = {"THB": 2, "JPY": 0, "KWD": 3, "USDT": 6, "USD": 2}
# Their order by UTF-8 bytes differs from the order by UTF-16 units and by letters.
ODD_TEXTS = ["é", "e\u0301", "ก", "Z", "a", "\uff01", "\U0001f4b0", 'q"q', "c,c", "မ", "0",
             "00"]
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
START = datetime(2026, 3, 1, tzinfo=timezone.utc)


def decimal(minor, exponent):
    digits = f"{abs(minor):0{exponent + 1}d}"
    text = digits[:len(digits) - exponent]
    if exponent:
        text += "." + digits[-exponent:]
    return ("-" if minor < 0 else "") + text


class Maker:
    def __init__(self, seed):
        self.any = random.Random(seed)
        self.shape = {
            "transfers": self.any.choice([12, 40, 120, 300, 800]),
            "accounts": self.any.choice([3, 6, 15, 40]),
            "largest": self.any.choice([3, 20, 1000, 10**7, 10**12]),
            "times": self.any.choice([2, 20, 1000]),
            "exchange": self.any.choice([0, 0.1, 0.4]),
            "fee": self.any.choice([0, 0.1, 0.5]),
            "edge": self.any.choice([0, 0.1, 0.3]),
            "balances": self.any.choice([0, 0.1, 0.6, 1]),
            "seq": self.any.choice([0, 0.5, 1]),
            "bulk": self.any.choice([0, 0, 0, 4300]),  # So many in one file leave the tail.
            "twice": self.any.choice([0, 0.1, 0.5]),
            "seeds": self.any.choice([0, 0, 0.05, 0.3]),  # Many make long queues of small parts.
            "currencies": self.any.sample(sorted(EXPONENTS), self.any.choice([1, 2, 4])),
        }
        self.accounts = self.make_accounts()
        self.balance = {}
        self.rows = []

    def chance(self, name):
        return self.any.random() < self.shape[name]

    def make_accounts(self):
        """The same number often stands at several banks and in several countries."""
        out = set()
        numbers = [f"{n:010d}" for n in range(self.shape["accounts"])] + ODD_TEXTS
        while len(out) < self.shape["accounts"]:
            out.add((self.any.choice(["TH", "MM", "KH", "CN"]),
                     self.any.choice(["KASITHBK", "SICOTHBK", "b2", "B2"]),
                     self.any.choice(numbers[:self.shape["accounts"] // 2 + 1] + ODD_TEXTS)))
        return sorted(out)

    def amount(self):
        return self.any.randint(1, self.any.choice([1, 3, self.shape["largest"]]))

    def text_of_amount(self, minor, currency):
        """The same value, written in one of several ways."""
        text = decimal(minor, EXPONENTS[currency])
        way = self.any.randrange(6)
        if way == 0 and "." in text:
            text = text.rstrip("0").rstrip(".")
        elif way == 1 and "." in text:
            text += "0"
        elif way == 2:
            text = text.translate(THAI_DIGITS)
        return text

    def text_of_time(self, moment, buddhist=0.1):
        minutes = self.any.choice([0, 0, 420, 390, -330, 540])
        local = moment + timedelta(minutes=minutes)
        year = local.year + (543 if self.any.random() < buddhist else 0)
        text = f"{year}-{local:%m-%dT%H:%M:%S}"
        if local.microsecond:
            fraction = f"{local.microsecond:06d}"
            text += "." + self.any.choice([fraction, fraction.rstrip("0")])
        if minutes == 0:
            return text + self.any.choice(["Z", "+00:00"])
        sign, away = ("-" if minutes < 0 else "+"), abs(minutes)
        return f"{text}{sign}{away // 60:02d}:{away % 60:02d}"

    def make_moment(self):
        moment = START + timedelta(minutes=self.any.randrange(self.shape["times"]))
        return moment + timedelta(microseconds=self.any.choice([0, 0, 0, 1, 500000, 120]))

    def make_id(self, n):
        kind = self.any.randrange(4)
        if kind == 0:
            return f"{self.any.choice(ODD_TEXTS)}{n}"
        return f"{self.any.choice('TtxX')}{n:0{self.any.choice([1, 5])}d}"

    def lay(self, place, currency, change):
        key = (place, currency)
        self.balance.setdefault(key, self.any.choice([0, 0, 5, self.amount()]))
        self.balance[key] += change
        told = self.balance[key] + (self.amount() if self.any.random() < 0.05 else 0)
        return told if self.chance("balances") else None

    def make_transfer(self, n, moment):
        currency = self.any.choice(self.shape["currencies"])
        source, target = self.any.choice(self.accounts), self.any.choice(self.accounts)
        row = {"id": self.make_id(n), "moment": moment, "from": source, "to": target,
               "amount": self.amount(), "currency": currency, "credited_amount": None,
               "credited_currency": "", "from_balance": None, "to_balance": None, "seq": "",
               "channel": self.any.choice(["", "app", "atm"]),
               "memo": self.any.choice(["", "rent, May", 'said "hi"', "two\nlines", "ค่าเช่า"])}
        if self.chance("exchange") or source == target:
            others = [code for code in EXPONENTS if code != currency]
            row["credited_currency"] = self.any.choice(others)
            row["credited_amount"] = self.any.choice([0, self.amount(), row["amount"]])
        elif self.chance("fee"):
            row["credited_amount"] = self.any.randint(0, row["amount"])
            row["credited_currency"] = self.any.choice(["", currency])
        if source != target and self.chance("edge"):
            side = self.any.choice(["from", "to"])
            row[side] = (*self.any.choice([row[side][:2], ("", "")]), "")
        if row["from"][2]:
            row["from_balance"] = self.lay(row["from"], currency, -row["amount"])
        if row["to"][2]:
            credited = row["amount"] if row["credited_amount"] is None else row["credited_amount"]
            row["to_balance"] = self.lay(row["to"], row["credited_currency"] or currency, credited)
        if self.chance("seq"):
            row["seq"] = str(self.any.randrange(-2, 4))
        return row

    def cells(self, row):
        money_in = row["credited_currency"] or row["currency"]

        def money(name, currency):
            return "" if row[name] is None else self.text_of_amount(row[name], currency)

        return [row["id"], self.text_of_time(row['moment']), *row["from"], *row["to"],
                self.text_of_amount(row["amount"], row["currency"]), row["currency"],
                money("credited_amount", money_in), row["credited_currency"],
                money("from_balance", row["currency"]), money("to_balance", money_in),
                row["seq"], row["channel"], row["memo"]]

    def other_telling(self, row):
        """What a second bank says of the same transfer: less, more or something else."""
        other = dict(row)
        for name, empty in (("from_balance", None), ("to_balance", None), ("seq", ""),
                            ("channel", ""), ("memo", "")):
            who = self.any.randrange(4)
            if who == 0:
                other[name] = empty
            elif who == 1:
                row[name] = empty
        if self.any.random() < 0.4:
            name = self.any.choice(["amount", "moment", "to", "from_balance", "seq", "memo",
                                    "credited_amount"])
            if name == "amount":
                other["amount"] += self.amount()
            elif name == "moment":
                other['moment'] += timedelta(minutes=self.any.choice([-1, 1, 3]))
            elif name == "to" and row["to"][2] and row["from"][2]:
                choices = [place for place in self.accounts if place != row["from"]]
                other["to"] = self.any.choice(choices)
            elif name == "from_balance" and row["from"][2]:
                other["from_balance"] = self.amount()
            elif name == "seq":
                other["seq"] = str(self.any.randrange(4, 9))
            elif name == "memo":
                other["memo"] = "another"
            elif name == "credited_amount":  # Not told, or as many units of some currency.
                currency = self.any.choice(["", "", row["currency"], *EXPONENTS])
                other["credited_currency"] = currency
                if row["credited_amount"] is None or self.any.random() < 0.5:
                    other["credited_amount"] = self.any.choice([None, row["amount"]])
        return other

    def bad_rows(self):
        """Rows that must be left out whole; their ids are good, so a taken one would show."""
        here, there = self.accounts[0], self.accounts[-1]

        def row(name, source, target, amount, currency, more=("", "")):
            return [name, "2026-03-01T00:00:30Z", *source, *target, amount, currency, *more,
                    "", "", "", "", ""]

        nowhere = ("TH", "b2", "")
        return [row("bad1", here, here, "1", "THB"), row("bad2", here, there, "1.5", "JPY"),
                row("bad3", here, there, "0", "THB"), row("bad4", here, there, "-1", "THB"),
                row("bad5", nowhere, nowhere, "1", "THB"), row("bad6", here, there, "1", "QQQ"),
                row("bad7", here, there, "1", "THB", ("", "USD")),
                row("bad8", here, there, "1", "THB", ("1.01", "THB")),
                row("bad9", here, there, "1000000000000000.01", "KWD"),
                [*row("bad10", here, there, "1", "THB")[:1], "2026-03-01T00:00:30",
                 *row("bad10", here, there, "1", "THB")[2:]]]

    def make_reports(self):
        """A list of reports: any transfer may be a seed, some are shared, some unknown."""
        names = self.any.sample(["a", "A", "R-2026-000001", "R-2026-000002", "r.1", "r:1", "Z9",
                                 "z" * 64, "_x", "0"], self.any.randint(1, 7))
        ids = [row["id"] for row in self.rows]
        shared = self.any.sample(ids, min(len(ids), 3))
        reports = []
        for name in names:
            most = self.any.choice([0, 1, 1, 3, 6]) + int(self.shape["seeds"] * len(ids))
            most = min(most, 250)  # A list holds at most 256 items.
            seeds = self.any.sample(ids, min(len(ids), most))
            if self.any.random() < 0.5:
                seeds.append(self.any.choice(shared))
            if self.any.random() < 0.3:
                seeds.append(self.any.choice(["unknown", "bad1", "ไม่มี"]))
            reports.append((name, seeds))
        if not any(set(seeds) & set(ids) for _, seeds in reports):
            reports[0][1].append(ids[0])
        return reports

    def write(self, folder):
        count = self.shape["transfers"] + self.shape["bulk"]
        moments = sorted(self.make_moment() for _ in range(count))
        self.rows = [self.make_transfer(n, moment) for n, moment in enumerate(moments)]
        again = [self.other_telling(row) for row in self.rows if self.chance("twice")]
        again += [self.other_telling(row) for row in again if self.any.random() < 0.2]
        bulk = {row["id"] for row in self.any.sample(self.rows, self.shape["bulk"])}
        lines = [self.cells(row) for row in self.rows if row["id"] not in bulk]
        lines += [self.cells(row) for row in again]
        lines += self.any.sample(self.bad_rows(), self.any.choice([0, 4, 10]))
        self.any.shuffle(lines)
        count = self.any.choice([1, 2, 5])
        files = [f"transfers-{n}.csv" for n in range(1, count + 1)]
        scattered = {name: [] for name in files}
        for line in lines:
            scattered[self.any.choice(files)].append(line)
        scattered[files[0]] += [self.cells(row) for row in self.rows if row["id"] in bulk]
        files = [name for name in files if any(not line[0].startswith("bad")
                                               for line in scattered[name])]
        for name in files:
            self.write_csv(os.path.join(folder, name), TRANSFER_COLUMNS, scattered[name])
        reports = self.make_reports()
        self.write_csv(os.path.join(folder, "reports.csv"), REPORT_COLUMNS, [
            [name, "2026-03-02T12:00:00+07:00", "", self.any.choice(["", "TH"]), "", "",
             self.any.choice(["", "THB", "USD"]), ";".join(seeds), "", "", "", "", ""]
            for name, seeds in reports])
        self.any.shuffle(files)
        self.write_lines(os.path.join(folder, "files.txt"), files)
        self.write_lines(os.path.join(folder, "traces.txt"), self.traces(reports))
        self.write_lines(os.path.join(folder, "seeds.txt"), self.later_seeds(reports))

    def traces(self, reports):
        names = [name for name, _ in reports]
        known = {row["id"] for row in self.rows}
        seeded = [name for name, seeds in reports if known & set(seeds)]
        every = ",".join(self.any.sample(names, len(names)))
        yield f"{every}\t-"
        yield f"{every}\t{self.text_of_time(self.any.choice(self.rows)['moment'], 0)}"
        yield f"{self.any.choice(seeded)}\t-"
        yield f"{every}\t{self.text_of_time(self.make_moment(), 0)}"
        yield f"{self.any.choice(names)}\t-"  # It may have no known seed: both must refuse.

    def later_seeds(self, reports):
        """Ids that the command line can take: no comma, and told in a row that is good."""
        ids = [row["id"] for row in self.rows if "," not in row["id"]]
        for name, _ in self.any.sample(reports, min(len(reports), 2)):
            if ids:
                yield f"{name}\t{','.join(self.any.sample(ids, min(len(ids), 2)))}"

    @staticmethod
    def write_csv(path, header, rows):
        with open(path, "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\r\n")
            out.writerow(header)
            out.writerows(rows)

    @staticmethod
    def write_lines(path, lines):
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    os.makedirs(sys.argv[2], exist_ok=True)
    Maker(int(sys.argv[1])).write(sys.argv[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())
