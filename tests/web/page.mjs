// The pages in a real browser: what they show, their keys, widths, colours and rules.
// Prints `ok name` and `not ok name` lines. Pictures go to docs/pictures where MOEI_PICTURES=1.
// Use: node page.mjs URL USER PASSWORD [PART…]
import { start } from "./lib.mjs";
import * as frame from "./frame.mjs";
import * as intake from "./intake.mjs";
import * as cases from "./case.mjs";
import * as orders from "./orders.mjs";
import * as grievances from "./grievances.mjs";
import * as refunds from "./refunds.mjs";
import * as shift from "./shift.mjs";
import * as users from "./users.mjs";
import * as ledger from "./ledger.mjs";
import * as exchange from "./exchange.mjs";
import * as record from "./record.mjs";

const PARTS = [frame, intake, cases, orders, grievances, refunds, shift, users, ledger, exchange, record];
const [url, user, password, ...only] = process.argv.slice(2);
const t = await start(url, user, password);
for (const part of PARTS) {
  // The frame's part logs in, which all others need.
  if (only.length && part !== frame && !only.includes(part.name)) continue;
  try {
    if (only.length && part === frame && !only.includes(frame.name)) {
      const { page, context } = await t.open("/login", {}, true);
      await t.logIn(page);
      await t.remember(context);
      await context.close();
    } else {
      await part.run(t);
    }
  } catch (e) {
    t.check(`the part ${part.name} came to its end`, false, String(e).split("\n").slice(0, 4).join(" | "));
  }
}
process.exit((await t.end()) ? 1 : 0);
