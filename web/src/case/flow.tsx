// The money from left to right: victims on the left edge, exits on the right, a lane a bank.
import { amountText } from "../shared/format";
import { say } from "./words";
import { institutionName, keyOf, type Trace } from "./data";
import { layoutFlow, NODE_WIDTH, type FlowLink, type FlowNode } from "./layout";

function path(l: FlowLink): string {
  const x0 = l.from.x + NODE_WIDTH;
  const x1 = l.to.x;
  if (x1 > x0) {
    const middle = (x0 + x1) / 2;
    return `M${x0} ${l.y0} C${middle} ${l.y0} ${middle} ${l.y1} ${x1} ${l.y1}`;
  }
  // Money that goes back to an earlier level leaves to the right and returns in a loop.
  const bow = x0 + 40;
  return `M${x0} ${l.y0} C${bow} ${l.y0} ${bow} ${l.y1} ${l.to.x + NODE_WIDTH} ${l.y1}`;
}

function nodeWords(trace: Trace, n: FlowNode): string {
  const arrived = amountText(n.arrived, n.currency, trace.currencies);
  const account = trace.accounts[n.account];
  if (n.folded > 1) return say("flow.fold", { count: n.folded, amount: arrived });
  if (n.kind === "exit") return say("flow.exit", { amount: arrived });
  if (!account) return say("flow.victim", { account: n.key.replace(/^victim /, ""), amount: arrived });
  return say("flow.node", {
    account: account.account, institution: institutionName(trace, account), arrived,
    there: amountText(account.still_there, account.currency, trace.currencies),
  });
}

// What is held of an account, by its key with currency.
export type Held = ReadonlyMap<string, number>;

function Node({ trace, node, held, onWhy }: { trace: Trace; node: FlowNode; held: Held; onWhy: (account: number) => void }) {
  const words = nodeWords(trace, node);
  const there = node.height * Math.min(1, node.there);
  const account = trace.accounts[node.account];
  const holds = account && account.arrived > 0 ? Math.min(there, (node.height * (held.get(keyOf(account)) ?? 0)) / account.arrived) : 0;
  const kind = node.kind === "account" ? "node-gone" : `node-${node.kind}`;
  const shape = (
    <>
      <title>{words}</title>
      <rect class={kind} x={node.x} y={node.y} width={NODE_WIDTH} height={node.height} rx="2" />
      {there > 0.5 && <rect class="node-there" x={node.x} y={node.y + node.height - there} width={NODE_WIDTH} height={there} rx="2" />}
      {holds > 0.5 && <rect class="node-held" x={node.x} y={node.y + node.height - holds} width={NODE_WIDTH} height={holds} rx="2" />}
      {node.folded > 1 && <text x={node.x + NODE_WIDTH + 4} y={node.y + 10}>{words}</text>}
    </>
  );
  if (node.account < 0) return <g>{shape}</g>;
  return (
    <g class="node" role="button" tabIndex={0} aria-label={words} onClick={() => onWhy(node.account)}
      onKeyDown={(e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); onWhy(node.account); } }}>
      {shape}
    </g>
  );
}

export function FlowPicture({ trace, held, onWhy }: { trace: Trace; held: Held; onWhy: (account: number) => void }) {
  const flow = layoutFlow(trace);
  const label = say("flow.label", { reports: trace.reports.length, levels: trace.levels.length });
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={say("flow.title")}>
      <svg class="flow" width={flow.width} height={flow.height} viewBox={`0 0 ${flow.width} ${flow.height}`} role="group" aria-label={label}>
        {flow.columns.map((c) => (
          <text class="column-name" x={c.x} y="16">
            {c.level === 0 ? say("flow.victims") : c.level < 0 ? say("flow.exits") : say("flow.level", { level: c.level })}
          </text>
        ))}
        {flow.lanes.map((l) => (
          <g>
            <rect class="lane" x="0" y={l.y} width={flow.width} height={l.height} rx="4" />
            <text class="lane-name" x="8" y={l.y + 17}>{(trace.institutions[l.name] ?? l.name).slice(0, 26)}</text>
          </g>
        ))}
        {flow.links.map((l) => <path class={l.to.kind === "exit" ? "link out" : "link"} d={path(l)} stroke-width={l.width} />)}
        {flow.nodes.map((n) => <Node key={n.key} trace={trace} node={n} held={held} onWhy={onWhy} />)}
      </svg>
    </div>
  );
}

export function FlowLegend() {
  return (
    <ul class="legend">
      <li><svg width="24" height="8" aria-hidden="true"><rect class="node-there" width="24" height="8" rx="2" /></svg> {say("flow.there")}</li>
      <li><svg width="24" height="8" aria-hidden="true"><rect class="node-held" width="24" height="8" rx="2" /></svg> {say("flow.held")}</li>
      <li><svg width="24" height="8" aria-hidden="true"><rect width="24" height="8" rx="2" fill="var(--moving)" /></svg> {say("flow.moved")}</li>
      <li><svg width="24" height="8" aria-hidden="true"><rect width="24" height="8" rx="2" fill="var(--gone)" /></svg> {say("flow.gone")}</li>
      <li class="soft">{say("flow.scale")}</li>
    </ul>
  );
}
