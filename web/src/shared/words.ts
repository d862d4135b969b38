// How texts are found: each part of the pages brings its own table, loaded with it. `{name}` is
// replaced by a value, `{count|report|reports}` by the first word where the value is 1.
export type Values = Readonly<Record<string, string | number>>;

export interface Say<K extends string> {
  (key: K, values?: Values): string;
  has(key: string): key is K;
}

export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (all, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return all;
    if (one !== undefined && many !== undefined) return String(value) === "1" ? one : many;
    return String(value);
  });
}

export function words<K extends string>(english: Readonly<Record<K, string>>): Say<K> {
  const say = (key: K, values: Values = {}) => fill(english[key], values);
  return Object.assign(say, { has: (key: string): key is K => key in english });
}
