// A case: its trace, its reports and claimants, its orders, its file. The part stands in the address.
import type { PageProps } from "../app/pages";
import { useData } from "../shared/data";
import { pathOf, place, queryText } from "../shared/router";
import type { Case } from "../shared/types";
import { Chips, Failed, Waiting } from "../shared/ui";
import { SharingCard } from "../exchange/part";
import { FilePart } from "./file";
import { OrdersPart } from "./propose";
import { ReportsPart } from "./reports";
import { TracePart } from "./trace";
import { say } from "./words";

const PARTS = ["trace", "reports", "orders", "file"] as const;

export default function CasePage({ params }: PageProps) {
  const id = params["id"] ?? "";
  const loaded = useData<Case>(pathOf("cases", id), ["case_add", "case_remove", "case_close", "claimant", "order", "order_act", "seed", "standing"]);
  const k = loaded.data;
  const part = PARTS.find((p) => p === queryText("part")) ?? "trace";
  if (!k) return loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />;
  const orders = k.orders ?? [];
  const href = (p: string) => {
    const query = new URLSearchParams(place.value.query);
    query.delete("open");
    query.set("part", p);
    return `${pathOf("cases", id)}?${query.toString()}`;
  };
  return (
    <>
      <h1>{k.title}</h1>
      <p class="summary">
        {say("words", { reports: k.reports?.length ?? 0, orders: orders.length })} {!k.open && say("closed", { reason: k.reason ?? "" })}
      </p>
      <Chips label={say("part.label")} items={PARTS.map((p) => ({ href: href(p), words: say(`part.${p}`), on: p === part }))} />
      <Failed words={loaded.error} again={loaded.reload} />
      {part === "trace" && <TracePart id={id} orders={orders} />}
      {part === "reports" && <ReportsPart k={k} reload={loaded.reload} />}
      {part === "orders" && <OrdersPart k={k} orders={orders} reload={loaded.reload} />}
      {part === "file" && <FilePart k={k} reload={loaded.reload} />}
      {part === "file" && <SharingCard id={k.id} />}
    </>
  );
}
