import { words } from "../shared/words";

export const say = words({
  "sharing": "Marking, who holds it, share, take back",
  "links": "{up} of {count} {count|link|links} up",
  "links.wrong": "Exchange: {count} {count|thing needs|things need} you",
  "under": "Write it under an accord",
  "under.none": "none: it stays at this agency",
  "waits.title": "What other agencies wait for",
  "waits.caption": "Shares, requests, retractions, links",
  "waits.none": "No agency waits for anything.",
  "col.what": "What",
  "col.clock": "Clock",
  "col.detail": "About",
});
