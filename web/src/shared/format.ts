// Numbers and times as people read them. Amounts come as integer minor units.

export interface Amount {
  amount: number;
  currency: string;
}
export type Digits = Readonly<Record<string, number>>;

// "48,200.00": the amount without its currency.
export function majorText(minor: number, currency: string, digits: Digits): string {
  const places = digits[currency] ?? 0;
  const sign = minor < 0 ? "−" : "";
  const text = String(Math.abs(minor)).padStart(places + 1, "0");
  const whole = text.slice(0, text.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  return sign + whole + (places ? "." + text.slice(text.length - places) : "");
}

export function amountText(minor: number, currency: string, digits: Digits): string {
  return `${majorText(minor, currency, digits)} ${currency}`;
}

// "48200.00": as it is typed and sent.
export function plainText(minor: number, currency: string, digits: Digits): string {
  return majorText(minor, currency, digits).replace(/,/g, "").replace("−", "-");
}

export function amountsText(list: readonly Amount[], digits: Digits, none: string): string {
  return list.length ? list.map((a) => amountText(a.amount, a.currency, digits)).join(", ") : none;
}

export function sumAmounts(lists: readonly (readonly Amount[])[]): Amount[] {
  const sums = new Map<string, number>();
  for (const list of lists) for (const a of list) sums.set(a.currency, (sums.get(a.currency) ?? 0) + a.amount);
  return [...sums].map(([currency, amount]) => ({ currency, amount })).sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

const DIGIT_ZEROS = [0x0e50, 0x1040, 0x17e0, 0x0ed0];

// Thai, Burmese, Khmer and Lao digits as ASCII ones, as intake reads them.
export function asciiDigits(text: string): string {
  return text.replace(/[๐-๙၀-၉០-៩໐-໙]/g, (c) => {
    const code = c.charCodeAt(0);
    const zero = DIGIT_ZEROS.find((z) => code >= z && code <= z + 9) ?? code;
    return String(code - zero);
  });
}

export type AmountFault = "bad" | "digits" | "currency";

// What was typed, in minor units. Thousands commas are understood here and taken out before sending.
export function parseAmount(text: string, currency: string, digits: Digits): number | AmountFault {
  const places = digits[currency];
  if (places === undefined) return "currency";
  const plain = asciiDigits(text.trim()).replace(/,(?=\d{3}(\D|$))/g, "");
  const parts = /^(\d{0,15})(?:\.(\d+))?$/.exec(plain);
  if (!parts || (!parts[1] && !parts[2])) return "bad";
  const rest = (parts[2] ?? "").replace(/0+$/, "");
  if (rest.length > places) return "digits";
  const minor = Number((parts[1] || "0") + rest.padEnd(places, "0"));
  return minor <= 1e15 ? minor : "bad";
}

export type Calendar = "ce" | "be";

export function timeText(at: string, zone: string, calendar: Calendar = "ce", seconds = true): string {
  try {
    return new Intl.DateTimeFormat(calendar === "be" ? "en-GB-u-ca-buddhist" : "en-GB", {
      timeZone: zone, weekday: "short", day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
      ...(seconds ? { second: "2-digit" } : {}),
    }).format(new Date(at)).replace(/ BE(?=,)/, "");
  } catch {
    return at;
  }
}

export function utcText(at: string): string {
  return at.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}

export interface Left {
  over: boolean;
  soon: boolean; // less than half an hour, or over
  days: number;
  hours: number;
  minutes: number;
}

export function timeLeft(at: string, now: number): Left {
  const ms = new Date(at).getTime() - now;
  const minutes = Math.floor(Math.abs(ms) / 60000);
  return { over: ms < 0, soon: ms < 30 * 60000, days: Math.floor(minutes / 1440), hours: Math.floor(minutes / 60) % 24, minutes: minutes % 60 };
}

export interface AccountName {
  account: string;
  country: string;
  institution: string;
}

export function accountKey(a: AccountName): string {
  return `${a.country}/${a.institution}/${a.account}`;
}

// One field of a CSV file. A leading sign that a spreadsheet would take for a formula is quoted away.
export function csvField(text: string): string {
  const safe = /^[=+@\t\r]/.test(text) || /^-(?![\d.,]+$)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

const regions = new Intl.DisplayNames(["en"], { type: "region" });
// Scripts whose stacks are tall, Burmese and Khmer, need more room between lines.
export function stacks(text: string): string | undefined {
  return /[\u1000-\u109f\u1780-\u17ff]/.test(text) ? "stacks" : undefined;
}

export function countryName(code: string): string {
  try {
    return /^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code;
  } catch {
    return code;
  }
}
