// Tables: sticky head, sorted as asked, columns chosen and kept, every one an export. On small
// screens each row becomes a card; the roles keep it a table for those who listen.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { saveBlob } from "./api";
import { csvField, stacks } from "./format";
import { say } from "./messages";

export interface Column<T> {
  key: string;
  head: string;
  cell: (row: T) => ComponentChildren;
  text: (row: T) => string; // for export, and for sorting where `order` is not given
  order?: (row: T) => number | string;
  number?: boolean;
  hidden?: boolean; // until chosen
}

interface TableProps<T> {
  name: string; // of the file, and under which the columns are kept
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  mark?: (row: T) => string | undefined; // a class of the row
  selected?: string;
  empty?: string;
  more?: (() => void) | null;
}

function keptColumns(name: string, fallback: string[]): string[] {
  const text = localStorage.getItem(`moei.columns.${name}`);
  return text === null ? fallback : text.split(" ");
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

export function saveCsv<T>(name: string, columns: readonly Column<T>[], rows: readonly T[]): void {
  const lines = [columns.map((c) => csvField(c.head)), ...rows.map((r) => columns.map((c) => csvField(c.text(r))))];
  // The mark at the beginning lets spreadsheets read it as UTF-8.
  saveBlob(new Blob(["\ufeff" + lines.map((l) => l.join(",")).join("\r\n") + "\r\n"], { type: "text/csv;charset=utf-8" }), `${name}.csv`);
}

function ColumnChoice<T>({ columns, shown, onChange }: { columns: readonly Column<T>[]; shown: string[]; onChange: (shown: string[]) => void }) {
  return (
    <details class="columns">
      <summary>{say("table.columns")}</summary>
      <div class="columns-box">
        {columns.slice(1).map((c) => (
          <label key={c.key}>
            <input type="checkbox" checked={shown.includes(c.key)}
              onChange={(e) => onChange(e.currentTarget.checked ? [...shown, c.key] : shown.filter((k) => k !== c.key))} />
            {c.head}
          </label>
        ))}
      </div>
    </details>
  );
}

export function Table<T>(p: TableProps<T>) {
  const [shown, setShown] = useState(() => keptColumns(p.name, p.columns.filter((c) => !c.hidden).map((c) => c.key)));
  const [sort, setSort] = useState<{ key: string; down: boolean } | null>(null);
  const columns = p.columns.filter((c, i) => i === 0 || shown.includes(c.key));
  const by = sort ? p.columns.find((c) => c.key === sort.key) : undefined;
  const value = (r: T) => (by?.order ? by.order(r) : (by?.text(r) ?? ""));
  const rows = by ? [...p.rows].sort((a, b) => compare(value(a), value(b)) * (sort?.down ? -1 : 1)) : p.rows;
  const choose = (keys: string[]) => {
    localStorage.setItem(`moei.columns.${p.name}`, keys.join(" "));
    setShown(keys);
  };
  const turn = (key: string) => setSort((s) => (s?.key !== key ? { key, down: false } : s.down ? null : { key, down: true }));
  return (
    <div class="table">
      <div class="table-tools">
        <span class="soft small">{say("table.rows", { count: rows.length })}</span>
        <ColumnChoice columns={p.columns} shown={shown} onChange={choose} />
        <button type="button" class="plain small" onClick={() => saveCsv(p.name, columns, rows)}>{say("table.export")}</button>
      </div>
      <div class="scroll tall" tabIndex={0} role="region" aria-label={p.caption}>
        <table role="table">
          <caption class="unseen">{p.caption}</caption>
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((c) => (
                <th key={c.key} scope="col" role="columnheader" class={c.number ? "number" : undefined}
                  aria-sort={sort?.key !== c.key ? undefined : sort.down ? "descending" : "ascending"}>
                  <button type="button" class="sort" title={say("table.sort", { column: c.head })} onClick={() => turn(c.key)}>
                    {c.head}{sort?.key === c.key ? (sort.down ? " ↓" : " ↑") : ""}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((r) => {
              const key = p.rowKey(r);
              return (
                <tr key={key} role="row" data-row={key} class={[p.mark?.(r), p.selected === key ? "chosen" : ""].filter(Boolean).join(" ") || undefined}>
                  {columns.map((c, i) => i === 0
                    ? <th key={c.key} scope="row" role="rowheader" class={stacks(c.text(r))}>{c.cell(r)}</th>
                    : <td key={c.key} role="cell" data-head={c.head} class={c.number ? "number" : undefined}>{c.cell(r)}</td>)}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p class="soft">{p.empty ?? say("table.empty")}</p>}
      {p.more && <p><button type="button" class="chip" onClick={p.more}>{say("table.more")}</button></p>}
    </div>
  );
}
