// One report: what was told, how far it is confirmed, which transfers are meant, its first holds.
import { useState } from "preact/hooks";
import type { PageProps } from "../app/pages";
import { send } from "../shared/api";
import { useActing, useData } from "../shared/data";
import { Choice, DocumentField, Field, Radios } from "../shared/fields";
import { accountKey, amountText, countryName } from "../shared/format";
import { say as sayShared } from "../shared/messages";
import { pathOf } from "../shared/router";
import { accountWords, digits, may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { Case, List, Match, OrderShort, Proposal, Proposed, Report, Standing } from "../shared/types";
import { Account, Card, Facts, Failed, Flags, Money, toast, Waiting, When } from "../shared/ui";
import { ORDER_NEWS } from "../order/view";
import { SharingCard } from "../exchange/part";
import { orderPath, OrderTable } from "../orders/table";
import { say } from "./words";

const STANDINGS: readonly Standing[] = ["claimed", "bank", "police"];

function Told({ r }: { r: Report }) {
  // Null is what was not told, and what may not be seen.
  const hidden = (text: string | null | undefined) => {
    if (text) return <span class="prose">{text}</span>;
    return <span class="soft">{say(may("victim.read") ? "none" : "hidden")}</span>;
  };
  const list = (items: readonly string[] | undefined) => (items?.length ? items.join("; ") : <span class="soft">{say("none")}</span>);
  return (
    <Facts rows={[
      [say("fact.reported"), <When at={r.reported_at} stop />],
      [say("fact.happened"), <When at={r.happened_at} stop />],
      [say("fact.accounts"), r.accounts.length ? r.accounts.map((a) => <div key={accountKey(a)}><Account a={a} /></div>) : <span class="soft">{say("none")}</span>],
      [say("fact.victim"), hidden(r.victim)],
      [say("fact.story"), hidden(r.story)],
      [say("fact.channel"), [r.channel, r.country && countryName(r.country)].filter(Boolean).join(", ") || <span class="soft">{say("none")}</span>],
      [say("fact.phones"), list(r.phones)],
      [say("fact.urls"), list(r.urls)],
      [say("fact.transfers"), list(r.transfers)],
      [say("fact.case"), r.case_id ? <a href={pathOf("cases", r.case_id)}>{r.case_id.slice(-8)}</a> : <span class="soft">{say("case.none")}</span>],
      [say("fact.record"), <code title={r.record}>{r.record.slice(-8)}</code>],
    ]} />
  );
}

function StandingPart({ r, reload }: { r: Report; reload: () => void }) {
  const [standing, setStanding] = useState<string>(r.standing);
  const [document, setDocument] = useState("");
  const [note, setNote] = useState("");
  const acting = useActing();
  const body = { standing, document: document || null, note };
  const save = () => acting.run(JSON.stringify(body), async (key) => {
    await send("POST", `${pathOf("reports", r.record)}/standing`, body, { key });
    toast(say("standing.saved"));
    reload();
  });
  return (
    <Card title={say("standing.title")}>
      <form onSubmit={(e) => { e.preventDefault(); void save(); }}>
        <Radios label={say("standing.label")} name="standing" value={standing} onText={setStanding} options={STANDINGS.map((s) => ({ value: s, words: sayShared(`standing.${s}`) }))} />
        {standing !== "claimed" && <DocumentField value={document} onHash={setDocument} />}
        <Field label={say("standing.note")} value={note} onText={setNote} />
        <Failed words={acting.error} />
        <button type="submit" class="chip" disabled={acting.busy}>{say("standing.save")}</button>
      </form>
    </Card>
  );
}

function MatchPart({ r, reload }: { r: Report; reload: () => void }) {
  const match = useData<Match>(`${pathOf("reports", r.record)}/match`, ["seed", "batch"]);
  const [mine, setMine] = useState<readonly string[] | null>(null);
  const acting = useActing();
  const m = match.data;
  const chosen = mine ?? m?.picked ?? [];
  const writes = may("report.write");
  const columns: readonly Column<Proposal>[] = [
    { key: "pick", head: say("match.pick"), text: (p) => (chosen.includes(p.transfer) ? "x" : ""), cell: (p) => (
      <input type="checkbox" aria-label={`${say("match.pick")} ${p.transfer}`} checked={chosen.includes(p.transfer)} disabled={!writes}
        onChange={(e) => setMine(e.currentTarget.checked ? [...chosen, p.transfer] : chosen.filter((t) => t !== p.transfer))} />
    ) },
    { key: "at", head: say("match.at"), cell: (p) => <When at={p.booked_at} seconds />, text: (p) => p.booked_at },
    { key: "amount", head: say("match.amount"), number: true, cell: (p) => <Money minor={p.amount} currency={p.currency} />,
      text: (p) => amountText(p.amount, p.currency, digits.value), order: (p) => p.amount },
    { key: "from", head: say("match.from"), cell: (p) => <Account a={p.from} />, text: (p) => accountWords(p.from) },
    { key: "to", head: say("match.to"), cell: (p) => <Account a={p.to} />, text: (p) => accountWords(p.to) },
    { key: "why", head: say("match.why"), cell: (p) => p.why, text: (p) => p.why },
    { key: "id", head: say("match.id"), cell: (p) => <code>{p.transfer}</code>, text: (p) => p.transfer },
  ];
  const save = () => acting.run(`pick ${chosen.join()}`, async (key) => {
    await send("PUT", `${pathOf("reports", r.record)}/seeds`, { transfers: chosen }, { key });
    toast(say("match.saved", { count: chosen.length }));
    setMine(null);
    match.reload();
    reload();
  });
  return (
    <Card title={say("match.title")}>
      <p class="soft">{say("match.words")}</p>
      <Failed words={match.error || acting.error} again={match.error ? match.reload : undefined} />
      {!m && match.busy && <Waiting />}
      {m && <Table name="match" caption={say("match.caption")} columns={columns} rows={m.items} rowKey={(p) => p.transfer} empty={say("match.none")} />}
      {m && writes && (
        <p><button type="button" class="chip" disabled={mine === null || acting.busy} onClick={() => void save()}>{say("match.save")}</button>{" "}
          <span class="soft" aria-live="polite">{say("match.count", { count: chosen.length })}</span></p>
      )}
    </Card>
  );
}

function HopPart({ r }: { r: Report }) {
  const acting = useActing();
  const [answer, setAnswer] = useState<Proposed | null>(null);
  const first = r.accounts[0];
  const orders = useData<List<OrderShort>>(first ? `/orders?account=${encodeURIComponent(accountKey(first))}` : null, ORDER_NEWS);
  const draft = () => acting.run(`hop ${orders.data?.items.length ?? 0}`, async (key) => {
    setAnswer(await send<Proposed>("POST", `${pathOf("reports", r.record)}/first-hop`, undefined, { key }));
    orders.reload();
  });
  const shown = orders.data?.items ?? [];
  return (
    <>
      {may("order.propose") && (
        <Card title={say("hop.title")}>
          <p>{say("hop.words")}</p>
          <button type="button" class="chip" disabled={acting.busy} onClick={() => void draft()}>{say("hop.button")}</button>
          <Failed words={acting.error} />
          {answer && <p role="status">{say("hop.made", { count: answer.created.length })}</p>}
          {answer?.left_out.map((l) => {
            const account = typeof l.account === "string" ? l.account : accountWords(l.account);
            return <p class="note" key={account + l.why}>{say("left.out", { account, words: l.words })}</p>;
          })}
        </Card>
      )}
      <Card title={say("orders.title")}>
        <Failed words={orders.error} again={orders.reload} />
        {shown.length ? <OrderTable name="report-orders" orders={shown} link={orderPath} /> : <p class="soft">{say("orders.none")}</p>}
      </Card>
    </>
  );
}

function CasePart({ r, reload }: { r: Report; reload: () => void }) {
  const cases = useData<List<Case>>("/cases?state=open", ["case", "case_close"]);
  const [id, setId] = useState("");
  const acting = useActing();
  const chosen = id || (cases.data?.items[0]?.id ?? "");
  const put = () => acting.run(`case ${chosen}`, async (key) => {
    await send("POST", `${pathOf("cases", chosen)}/reports`, { reports: [r.name] }, { key });
    toast(say("case.done"));
    reload();
  });
  return (
    <Card title={say("case.title")}>
      <form class="row" onSubmit={(e) => { e.preventDefault(); void put(); }}>
        <Choice label={say("case.label")} value={chosen} onText={setId} options={(cases.data?.items ?? []).map((k) => ({ value: k.id, words: k.title }))} />
        <button type="submit" class="chip" disabled={!chosen || acting.busy}>{say("case.button")}</button>
      </form>
      <Failed words={cases.error || acting.error} />
    </Card>
  );
}

export default function ReportPage({ params }: PageProps) {
  const id = params["id"] ?? "";
  // Each look at a report is written into the log of reads: only what changes it loads it again.
  const loaded = useData<Report>(pathOf("reports", id), ["seed", "standing", "case_add", "case_remove"]);
  const r = loaded.data;
  if (!r) return loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />;
  const standing = sayShared(`standing.${r.standing}`);
  return (
    <>
      <h1>{say("title", { id: r.name })}</h1>
      <section class="card">
        <p class="summary">{r.loss !== null && r.currency ? say("summary", { loss: amountText(r.loss, r.currency, digits.value), standing }) : say("summary.none", { standing })}</p>
        {r.duplicate && <p class="error">{say("duplicate")}</p>}
        <Flags flags={r.flags ?? []} />
        <Told r={r} />
        {r.victim_url && <p>{say("victim.link", { url: new URL(r.victim_url, location.origin).href })} <span class="soft small">{say("victim.words")}</span></p>}
      </section>
      <MatchPart r={r} reload={loaded.reload} />
      {may("order.read") && <HopPart r={r} />}
      <SharingCard id={r.record} />
      {may("report.standing") && <StandingPart key={r.standing} r={r} reload={loaded.reload} />}
      {may("case.write") && !r.case_id && <CasePart r={r} reload={loaded.reload} />}
      <Failed words={loaded.error} again={loaded.reload} />
    </>
  );
}
