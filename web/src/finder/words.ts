import { words } from "../shared/words";

export const say = words({
  "find.title": "Find or do",
  "find.label": "A number, an account, a name, or what you want to do",
  "find.none": "Nothing found that you may see.",
  "find.go": "Go to {place}",
  "find.type": "Type a report",
  "find.upload": "Take in a file",
  "find.newcase": "Open a case",
  "find.results": "{count} {count|thing|things}",
  "keys.title": "Keys",
  "keys.off": "Single keys are off; Ctrl K and Esc still work.",
  "keys.toggle": "Use single keys",
  "key.find": "find or do",
  "key.help": "this list",
  "key.back": "close, go back",
  "key.new": "type a report",
  "key.walk": "next, former row",
  "key.enter": "open the row",
  "key.send": "save the form",
});
