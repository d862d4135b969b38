// Users and what surrounds them, each part by what one may: own things, users, roles, glass, reads.
import { queryText } from "../shared/router";
import { may } from "../shared/session";
import { Chips } from "../shared/ui";
import { GlassPart } from "./glass";
import { UsersPart } from "./list";
import { OwnPart } from "./own";
import { ReadsPart } from "./reads";
import { RolesPart } from "./roles";
import { say } from "./words";
import "./page.css";

const PARTS = ["own", "users", "roles", "glass", "reads"] as const;
type Part = (typeof PARTS)[number];
const NEEDS: Partial<Record<Part, string>> = { users: "user.read", reads: "reads.read" };
const SHOWS: Record<Part, () => preact.JSX.Element | null> = { own: OwnPart, users: UsersPart, roles: RolesPart, glass: GlassPart, reads: ReadsPart };

export default function UsersPage() {
  const parts = PARTS.filter((p) => !NEEDS[p] || may(NEEDS[p]));
  const first: Part = may("user.read") ? "users" : "own";
  const part = parts.find((p) => p === queryText("part")) ?? first;
  const Shown = SHOWS[part];
  return (
    <>
      <h1>{say("title")}</h1>
      <Chips label={say("parts")} items={parts.map((p) => ({ href: `/users?part=${p}`, words: say(`part.${p}`), on: p === part }))} />
      <Shown key={part} />
    </>
  );
}
