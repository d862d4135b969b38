// Who may do what: the table of roles as it is compiled into the node.
import { useData } from "../shared/data";
import { Failed, Waiting } from "../shared/ui";
import { say } from "./words";

export interface Roles {
  acts: { act: string; roles: string[]; words: string }[];
  roles: { role: string; words: string }[];
}

export function RolesPart() {
  const loaded = useData<Roles>("/roles", ["none"]);
  const r = loaded.data;
  if (!r) return loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />;
  return (
    <section class="card">
      <p>{say("roles.words")}</p>
      <div class="scroll tall roles" tabIndex={0} role="region" aria-label={say("roles.caption")}>
        <table>
          <caption>{say("roles.caption")}</caption>
          <thead>
            <tr><th scope="col">{say("roles.act")}</th>{r.roles.map((x) => <th scope="col" key={x.role}>{x.words}</th>)}</tr>
          </thead>
          <tbody>
            {r.acts.map((a) => (
              <tr key={a.act}>
                <th scope="row">{a.words} <span class="soft small">{a.act}</span></th>
                {r.roles.map((x) => (
                  <td key={x.role}>{a.roles.includes(x.role) ? <><span aria-hidden="true">●</span> {say("roles.may")}</> : <span class="unseen">{say("roles.not")}</span>}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
