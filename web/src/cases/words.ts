import { words } from "../shared/words";

export const say = words({
  "title": "Cases",
  "caption": "Cases, newest first",
  "filter": "Show",
  "open": "Open",
  "all": "All",
  "col.title": "Case",
  "col.at": "Opened",
  "col.state": "State",
  "col.reports": "Reports",
  "state.open": "open",
  "state.closed": "closed",
  "new": "Open a case",
  "new.title": "What it is called",
  "new.button": "Open it",
});
