// Places the money flow: x is the level, y a lane for each institution, height the amount. Pure.
import { keyOf, tagSum, type Trace, type TraceTransfer } from "./data";

export interface FlowNode {
  key: string;
  kind: "victim" | "account" | "exit";
  lane: number;
  column: number;
  weight: number;
  there: number; // share of weight that still lies there, 0 to 1
  folded: number; // accounts in this node, 1 if not folded
  account: number; // index of the account, -1 if none or folded
  currency: string;
  arrived: number;
  x: number;
  y: number;
  height: number;
}
export interface FlowLink {
  from: FlowNode;
  to: FlowNode;
  weight: number;
  y0: number;
  y1: number;
  width: number;
}
export interface Flow {
  nodes: FlowNode[];
  links: FlowLink[];
  lanes: { name: string; y: number; height: number }[];
  columns: { x: number; level: number }[]; // level -1: exits
  width: number;
  height: number;
}

const NODE_WIDTH = 12;
const COLUMN_STEP = 170;
const LEFT = 190;
const TOP = 28;
const GAP = 4;
const LANE_PAD = 6;
const CELL_NODES_MAX = 8;
const AMOUNT_HEIGHT = 260;

// How much one unit of each currency is worth in units of the first seed's, by the case's exchanges.
export function exchangeRates(transfers: readonly TraceTransfer[], base: string): Map<string, number> {
  const rates = new Map<string, number>([[base, 1]]);
  for (let pass = 0; pass < 4; pass++)
    for (const t of transfers) {
      const known = rates.get(t.from.currency);
      if (known !== undefined && !rates.has(t.to.currency) && t.credited > 0) rates.set(t.to.currency, (known * t.amount) / t.credited);
    }
  return rates;
}

interface Building {
  nodes: Map<string, FlowNode>;
  lanes: Map<string, number>;
  last: number;
}

function laneOf(b: Building, name: string): number {
  const known = b.lanes.get(name);
  if (known !== undefined) return known;
  b.lanes.set(name, b.lanes.size);
  return b.lanes.size - 1;
}

function nodeOf(b: Building, key: string, kind: FlowNode["kind"], lane: number, column: number, currency: string): FlowNode {
  const known = b.nodes.get(key);
  if (known) return known;
  const node: FlowNode = { key, kind, lane, column, weight: 0, there: 0, folded: 1, account: -1, currency, arrived: 0, x: 0, y: 0, height: 0 };
  b.nodes.set(key, node);
  return node;
}

interface Leg {
  from: FlowNode;
  to: FlowNode;
  weight: number;
}

function collect(trace: Trace, b: Building, rates: Map<string, number>): Leg[] {
  const levels = new Map(trace.accounts.map((a, i) => [keyOf(a), { level: a.level, index: i }]));
  const legs: Leg[] = [];
  for (const t of trace.transfers) {
    const weight = tagSum(t.tags) * (rates.get(t.to.currency) ?? 0);
    if (weight <= 0) continue;
    const source = levels.get(keyOf(t.from));
    const lane = laneOf(b, `${t.from.country}/${t.from.institution}`);
    const seeded = t.level === 1 && !source;
    const from = seeded
      ? nodeOf(b, `victim ${keyOf(t.from)}`, "victim", lane, 0, t.from.currency)
      : nodeOf(b, keyOf(t.from), "account", lane, source?.level ?? 0, t.from.currency);
    if (from.kind === "victim") {
      from.weight += weight;
      from.arrived += t.amount;
    }
    let to: FlowNode;
    if (t.to.account === "") {
      to = nodeOf(b, `exit ${lane} ${t.to.currency}`, "exit", lane, b.last, t.to.currency);
    } else {
      const target = levels.get(keyOf(t.to));
      to = nodeOf(b, keyOf(t.to), "account", laneOf(b, `${t.to.country}/${t.to.institution}`), target?.level ?? t.level, t.to.currency);
      to.account = target?.index ?? -1;
    }
    to.weight += weight;
    to.arrived += tagSum(t.tags);
    legs.push({ from, to, weight });
  }
  return legs;
}

// Beyond a few accounts in one cell the small ones become one node.
function fold(b: Building, trace: Trace): Map<FlowNode, FlowNode> {
  const cells = new Map<string, FlowNode[]>();
  for (const n of b.nodes.values()) {
    const cell = `${n.lane} ${n.column} ${n.kind} ${n.currency}`;
    cells.set(cell, [...(cells.get(cell) ?? []), n]);
    const account = trace.accounts[n.account];
    if (account && account.arrived > 0) n.there = account.still_there / account.arrived;
  }
  const moved = new Map<FlowNode, FlowNode>();
  for (const [cell, nodes] of cells) {
    if (nodes.length <= CELL_NODES_MAX) continue;
    nodes.sort((x, y) => y.weight - x.weight);
    const small = nodes.slice(CELL_NODES_MAX - 1);
    const first = small[0];
    if (!first) continue;
    const weight = small.reduce((s, n) => s + n.weight, 0);
    const folded: FlowNode = { ...first, key: `fold ${cell}`, weight, folded: small.length, account: -1,
      arrived: small.reduce((s, n) => s + n.arrived, 0),
      there: weight ? small.reduce((s, n) => s + n.there * n.weight, 0) / weight : 0 };
    for (const n of small) {
      moved.set(n, folded);
      b.nodes.delete(n.key);
    }
    b.nodes.set(folded.key, folded);
  }
  return moved;
}

function joinLegs(legs: Leg[], moved: Map<FlowNode, FlowNode>): FlowLink[] {
  const links = new Map<string, FlowLink>();
  for (const leg of legs) {
    const from = moved.get(leg.from) ?? leg.from;
    const to = moved.get(leg.to) ?? leg.to;
    const key = `${from.key}\n${to.key}`;
    const known = links.get(key);
    if (known) known.weight += leg.weight;
    else links.set(key, { from, to, weight: leg.weight, y0: 0, y1: 0, width: 0 });
  }
  return [...links.values()];
}

function stack(b: Building, scale: number): { y: number; height: number }[] {
  const heights = new Array<number>(b.lanes.size).fill(0);
  const cells = new Map<string, number>();
  const nodes = [...b.nodes.values()].sort((x, y) => y.weight - x.weight);
  for (const n of nodes) {
    n.height = Math.max(3, n.weight * scale);
    const cell = `${n.lane} ${n.column}`;
    n.y = cells.get(cell) ?? 0;
    cells.set(cell, n.y + n.height + GAP);
    heights[n.lane] = Math.max(heights[n.lane] ?? 0, n.y + n.height);
  }
  let y = TOP;
  const lanes = heights.map((h) => {
    const lane = { y, height: Math.max(h + 2 * LANE_PAD, 26) };
    y += lane.height + GAP;
    return lane;
  });
  for (const n of nodes) {
    n.y += (lanes[n.lane]?.y ?? 0) + LANE_PAD;
    n.x = LEFT + n.column * COLUMN_STEP;
  }
  return lanes;
}

function ribbons(links: FlowLink[], scale: number): void {
  const out = new Map<FlowNode, number>();
  const into = new Map<FlowNode, number>();
  links.sort((a, b) => a.from.column - b.from.column || a.to.y - b.to.y);
  for (const l of links) {
    l.width = Math.max(1, l.weight * scale);
    const from = out.get(l.from) ?? 0;
    const to = into.get(l.to) ?? 0;
    l.y0 = l.from.y + Math.min(from + l.width / 2, Math.max(l.from.height - l.width / 2, l.width / 2));
    l.y1 = l.to.y + Math.min(to + l.width / 2, Math.max(l.to.height - l.width / 2, l.width / 2));
    out.set(l.from, from + l.width);
    into.set(l.to, to + l.width);
  }
}

export function layoutFlow(trace: Trace): Flow {
  const base = trace.transfers[0]?.from.currency ?? "";
  const deepest = trace.levels.reduce((m, l) => Math.max(m, l.level), 0);
  const b: Building = { nodes: new Map(), lanes: new Map(), last: deepest + 1 };
  const legs = collect(trace, b, exchangeRates(trace.transfers, base));
  const links = joinLegs(legs, fold(b, trace));
  const seeded = [...b.nodes.values()].filter((n) => n.kind === "victim").reduce((s, n) => s + n.weight, 0);
  const scale = seeded > 0 ? AMOUNT_HEIGHT / seeded : 0;
  const lanes = stack(b, scale);
  ribbons(links, scale);
  const columns = Array.from({ length: deepest + 2 }, (_, i) => ({ x: LEFT + i * COLUMN_STEP, level: i > deepest ? -1 : i }));
  const lastLane = lanes[lanes.length - 1];
  return {
    nodes: [...b.nodes.values()], links, columns,
    lanes: [...b.lanes.keys()].map((name, i) => ({ name, y: lanes[i]?.y ?? 0, height: lanes[i]?.height ?? 0 })),
    width: LEFT + (deepest + 1) * COLUMN_STEP + NODE_WIDTH + 40,
    height: (lastLane ? lastLane.y + lastLane.height : TOP) + 8,
  };
}

export { NODE_WIDTH };
