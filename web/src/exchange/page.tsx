// Exchange: who we exchange with, under which accords, what is shared, taken back and asked.
import type { PageProps } from "../app/pages";
import { lazyPart } from "../app/lazy";
import { say as sayShared } from "../shared/messages";
import { pathOf } from "../shared/router";
import { may } from "../shared/session";
import { Chips } from "../shared/ui";
import { say } from "./words";

const PARTS = {
  "": lazyPart<PageProps>(() => import("./agencies")),
  accords: lazyPart<PageProps>(() => import("./accords")),
  shares: lazyPart<PageProps>(() => import("./shares")),
  retractions: lazyPart<PageProps>(() => import("./retractions")),
  notices: lazyPart<PageProps>(() => import("./notices")),
  links: lazyPart<PageProps>(() => import("./node")),
} as const;
type Part = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Part[];

export default function ExchangePage({ params }: PageProps) {
  // Who runs the node sees no record: keys and limits alone.
  const shown = NAMES.filter((n) => n === "links" || may("exchange.read"));
  const wanted = params["part"] ?? shown[0];
  const part = NAMES.find((n) => n === wanted);
  if (part !== undefined && !shown.includes(part)) return <p class="card">{sayShared("page.denied", { act: "exchange.read" })}</p>;
  if (part === undefined) return <p class="card">{sayShared("page.none")}</p>;
  const Part = PARTS[part];
  return (
    <>
      <Chips label={say("parts")} items={shown.map((n) => ({ href: n ? pathOf("exchange", n) : "/exchange", words: say(`part.${n || "agencies"}`), on: n === part }))} />
      <Part params={params} />
    </>
  );
}
