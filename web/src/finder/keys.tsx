// `?`: the keys.
import { say as sayShared } from "../shared/messages";
import { singleKeys } from "../shared/session";
import { Dialog } from "../shared/ui";
import { say } from "./words";

const KEYS = [
  [["Ctrl K", "/"], say("key.find")],
  [["?"], say("key.help")],
  [["Esc"], say("key.back")],
  [["n"], say("key.new")],
  [["j", "k"], say("key.walk")],
  [["Enter"], say("key.enter")],
  [["Ctrl Enter"], say("key.send")],
] as const;

export default function Keys({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={say("keys.title")} onClose={onClose}>
      <dl class="facts">
        {KEYS.map(([keys, words]) => <div key={words}><dt>{keys.map((k) => <kbd key={k}>{k}</kbd>)}</dt><dd>{words}</dd></div>)}
      </dl>
      <p>
        <label><input type="checkbox" checked={singleKeys.value} onChange={(e) => { singleKeys.value = e.currentTarget.checked; }} /> {say("keys.toggle")}</label>
      </p>
      {!singleKeys.value && <p class="soft">{say("keys.off")}</p>}
      <button type="button" class="solid" autoFocus onClick={onClose}>{sayShared("act.close")}</button>
    </Dialog>
  );
}
