// A file of reports or transfers: looked at first, its errors shown in the sheet, then taken in.
import { useState } from "preact/hooks";
import { saveBlob, send, sendRaw } from "../shared/api";
import { useActing, useData } from "../shared/data";
import { Act, Choice, Field, Radios } from "../shared/fields";
import { Table, type Column } from "../shared/table";
import type { BadRow } from "../shared/types";
import { Card, Failed } from "../shared/ui";
import { Under } from "../exchange/under";
import { say } from "./words";

interface Preview {
  columns: string[];
  encoding: string;
  mapping: string;
  rows: { cells: string[]; errors: { column: string; reason: string }[]; line: number }[];
  total: number | null;
}
interface Result {
  bad: number;
  bad_rows: BadRow[];
  dry_run: boolean;
  known: number;
  nothing_new: boolean;
  refused: boolean;
  rows: number;
  taken: number;
  warning_rows: BadRow[];
}
interface Mapping {
  kept: boolean;
  kind: string;
  name: string;
}
interface Choices {
  accord: string;
  kind: string;
  sender: string;
  mapping: string;
  encoding: string;
  all: boolean;
}

function query(c: Choices, file: File, more: Record<string, string> = {}): string {
  const q = new URLSearchParams({ kind: c.kind, name: file.name, ...more });
  if (c.mapping) q.set("mapping", c.mapping);
  if (c.encoding) q.set("encoding", c.encoding);
  if (c.sender) q.set("sender", c.sender);
  if (c.all) q.set("all_or_nothing", "1");
  if (c.accord && c.kind === "reports") q.set("accord", c.accord);
  return q.toString();
}

function Sheet({ preview, file }: { preview: Preview; file: File }) {
  const caption = say("up.preview", { file: file.name, encoding: preview.encoding, mapping: preview.mapping });
  return (
    <div class="scroll tall" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead><tr><th scope="col">{say("up.line")}</th>{preview.columns.map((c) => <th scope="col" key={c}>{c}</th>)}</tr></thead>
        <tbody>
          {preview.rows.map((r) => (
            <tr key={r.line} class={r.errors.length ? "red-row" : undefined}>
              <th scope="row" class="number">{r.line}</th>
              {r.cells.map((cell, i) => {
                const errors = r.errors.filter((e) => e.column === preview.columns[i] || (e.column === "" && i === 0));
                return <td key={i}>{cell}{errors.map((e) => <p class="field-error" key={e.reason}>{e.reason}</p>)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const badColumns: readonly Column<BadRow>[] = [
  { key: "line", head: say("up.line"), number: true, cell: (r) => r.line, text: (r) => String(r.line), order: (r) => r.line },
  { key: "column", head: say("up.column"), cell: (r) => r.column, text: (r) => r.column },
  { key: "reason", head: say("up.reason"), cell: (r) => r.reason, text: (r) => r.reason },
];

function ResultPart({ result }: { result: Result }) {
  const rowKey = (r: BadRow) => `${r.line} ${r.column} ${r.reason}`;
  return (
    <div aria-live="polite">
      <p class="summary">{say("up.result", { rows: result.rows, taken: result.taken, known: result.known, bad: result.bad })}</p>
      {result.dry_run && <p>{say("up.dry")}</p>}
      {result.nothing_new && <p>{say("up.nothing")}</p>}
      {result.refused && <p class="error">{say("up.refused")}</p>}
      {result.bad_rows.length > 0 && <Table name="bad-rows" caption={say("up.bad")} columns={badColumns} rows={result.bad_rows} rowKey={rowKey} />}
      {result.warning_rows.length > 0 && <Table name="warning-rows" caption={say("up.warn")} columns={badColumns} rows={result.warning_rows} rowKey={rowKey} />}
    </div>
  );
}

export default function UploadPage() {
  const mappings = useData<{ items: Mapping[] }>("/mappings");
  const [c, setC] = useState<Choices>({ kind: "reports", sender: "", mapping: "", encoding: "", all: false, accord: "" });
  const [file, setFile] = useState<File | null>(null);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [result, setResult] = useState<Result | null>(null);
  const acting = useActing();
  const names = (mappings.data?.items ?? []).filter((m) => m.kind === c.kind).map((m) => m.name);
  const change = (part: Partial<Choices>) => {
    setC({ ...c, ...part });
    setPreview(null);
    setResult(null);
  };
  const look = (f: File) => acting.run(`look ${query(c, f)} ${f.lastModified}`, async () => {
    setPreview(await send<Preview>("POST", `/imports/preview?${query(c, f)}`, f));
    setResult(await send<Result>("POST", `/imports?${query(c, f, { dry_run: "1" })}`, f));
  });
  const errors = (f: File) => acting.run("errors", async () => {
    const answer = await sendRaw("POST", `/imports/errors?${query(c, f)}`, f);
    const ending = (answer.headers.get("Content-Type") ?? "").includes("sheet") ? "xlsx" : "csv";
    saveBlob(await answer.blob(), `errors-${f.name.replace(/\.[^.]*$/, "")}.${ending}`);
  });
  return (
    <>
      <h1>{say("up.title")}</h1>
      <form class="card" onSubmit={(e) => { e.preventDefault(); if (file) void look(file); }}>
        <Radios label={say("up.kind")} name="kind" value={c.kind} onText={(kind) => change({ kind, mapping: "" })}
          options={[{ value: "reports", words: say("up.reports") }, { value: "transfers", words: say("up.transfers") }]} />
        <div class="field">
          <label for="file">{say("up.file")}</label>
          <input id="file" type="file" accept=".csv,.xlsx,.txt" required onChange={(e) => { setFile(e.currentTarget.files?.[0] ?? null); setPreview(null); setResult(null); }} />
        </div>
        <div class="row">
          <Field label={say("up.sender")} hint={say("up.sender.hint")} value={c.sender} onText={(sender) => change({ sender })} />
          <Choice label={say("up.mapping")} value={c.mapping} onText={(mapping) => change({ mapping })}
            options={[{ value: "", words: say("up.mapping.auto") }, ...names.map((n) => ({ value: n, words: n }))]} />
          <Field label={say("up.encoding")} hint={say("up.encoding.hint")} value={c.encoding} onText={(encoding) => change({ encoding })} />
        </div>
        <p><label><input type="checkbox" checked={c.all} onChange={(e) => change({ all: e.currentTarget.checked })} /> {say("up.all")}</label></p>
        {c.kind === "reports" && <Under kind="report" value={c.accord} onText={(accord) => change({ accord })} />}
        <Failed words={acting.error || mappings.error} />
        <button type="submit" class="chip" disabled={!file || acting.busy}>{say("up.look")}</button>
      </form>
      {file && preview && (
        <Card title={file.name} tools={preview.rows.some((r) => r.errors.length) && <button type="button" class="chip" onClick={() => void errors(file)}>{say("up.errors")}</button>}>
          <Sheet preview={preview} file={file} />
        </Card>
      )}
      {result && <section class="card"><ResultPart result={result} /></section>}
      {file && result?.dry_run && (
        <section class="card">
          <Act label={say("up.take")} sentence={say("up.what", { file: file.name })} what={`take ${query(c, file)} ${file.lastModified} ${file.size}`}
            run={async (key) => { setResult(await send<Result>("POST", `/imports?${query(c, file)}`, file, { key })); }} />
        </section>
      )}
    </>
  );
}
