// Numbers and times as people read them. Amounts come as integer minor units.

export function amountText(minor: number, currency: string, digits: Readonly<Record<string, number>>): string {
  const places = digits[currency] ?? 0;
  const sign = minor < 0 ? "−" : "";
  const text = String(Math.abs(minor)).padStart(places + 1, "0");
  const whole = text.slice(0, text.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  const rest = places ? "." + text.slice(text.length - places) : "";
  return `${sign}${whole}${rest} ${currency}`;
}

export interface Amount {
  amount: number;
  currency: string;
}

export function amountsText(list: readonly Amount[], digits: Readonly<Record<string, number>>, none: string): string {
  return list.length ? list.map((a) => amountText(a.amount, a.currency, digits)).join(", ") : none;
}

export function sumAmounts(lists: readonly (readonly Amount[])[]): Amount[] {
  const sums = new Map<string, number>();
  for (const list of lists) for (const a of list) sums.set(a.currency, (sums.get(a.currency) ?? 0) + a.amount);
  return [...sums].map(([currency, amount]) => ({ currency, amount })).sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

export function timeText(at: string, zone: string): string {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
    }).format(new Date(at));
  } catch {
    return at;
  }
}
