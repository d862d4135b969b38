// The table of pages. A new page is a folder with page.tsx and a row here.
import type { ComponentType } from "preact";
import type { Params } from "../shared/router";

export interface PageProps {
  params: Params;
}
export type Desk = "front" | "reports" | "cases" | "orders" | "grievances" | "refunds" | "exchange" | "record" | "ledger" | "shift" | "users";

export interface PageRow {
  path: string; // ":name" is a parameter
  desk: Desk | null; // whose row of the rail is marked
  rail: boolean; // this is the desk's own page
  act: string; // without it the page is not shown; "" for everybody
  open: boolean; // also to nobody
  load: () => Promise<{ default: ComponentType<PageProps> }>;
}

const desk = (d: Desk, act: string, load: PageRow["load"]): PageRow =>
  ({ path: d === "front" ? "/" : `/${d}`, desk: d, rail: true, act, open: false, load });
const page = (path: string, d: Desk, act: string, load: PageRow["load"]): PageRow =>
  ({ path, desk: d, rail: false, act, open: false, load });

export const PAGES: readonly PageRow[] = [
  { path: "/login", desk: null, rail: false, act: "", open: true, load: () => import("../login/page") },
  desk("front", "", () => import("../front/page")),
  desk("reports", "report.read", () => import("../reports/page")),
  page("/reports/new", "reports", "report.write", () => import("../reports/typing")),
  page("/reports/upload", "reports", "import", () => import("../reports/upload")),
  page("/reports/:id", "reports", "report.read", () => import("../report/page")),
  desk("cases", "case.read", () => import("../cases/page")),
  page("/cases/:id", "cases", "case.read", () => import("../case/page")),
  desk("orders", "order.read", () => import("../orders/page")),
  page("/orders/:id", "orders", "order.read", () => import("../order/page")),
  page("/contacts", "orders", "order.read", () => import("../contacts/page")),
  desk("grievances", "grievance.read", () => import("../grievances/page")),
  page("/grievances/:id", "grievances", "grievance.read", () => import("../grievances/one")),
  desk("refunds", "refund.read", () => import("../refunds/page")),
  page("/refunds/new", "refunds", "refund.read", () => import("../refunds/compare")),
  page("/refunds/:id", "refunds", "refund.read", () => import("../refunds/one")),
  desk("exchange", "node.read", () => import("../exchange/page")),
  page("/exchange/:part", "exchange", "node.read", () => import("../exchange/page")),
  page("/exchange/:part/:id", "exchange", "exchange.read", () => import("../exchange/page")),
  desk("record", "public.read", () => import("../record/page")),
  desk("ledger", "node.read", () => import("../ledger/page")),
  page("/ledger/:id", "ledger", "record.read", () => import("../ledger/one")),
  desk("shift", "shift.close", () => import("../shift/page")),
  desk("users", "", () => import("../users/page")),
];

// Where a thing lives, by what it is; what ends in "/" has a page for each.
const PLACES: Record<string, string> = {
  order: "orders/", second: "orders/", report: "reports/", case: "cases/", grievance: "grievances/", plan: "refunds/", refund: "refunds/", record: "ledger/",
  shift: "shift", glass: "users", user: "users", share: "exchange/shares/", notice: "exchange/notices/", accord: "exchange/accords/", retract: "exchange/retractions",
  peer: "exchange",
};
export function placeOf(what: string, id: string): string | null {
  const place = PLACES[what];
  if (!place) return null;
  return "/" + (place.endsWith("/") ? place + encodeURIComponent(id) : place).replace(/\/$/, "");
}
