import { words } from "../shared/words";

export const say = words({
  "title": "Log in",
  "to": "to {agency}",
  "user": "Name",
  "password": "Password",
  "purpose": "What for? It limits what you will see.",
  "button": "Log in",
  "wait": "Checking …",
  "old": "Password now",
  "new": "New password",
  "again": "New password once more",
  "new.hint": "At least 12 characters. Several words are good.",
  "new.short": "At least 12 characters.",
  "new.differs": "The two do not agree.",
  "change.title": "Choose a password of your own",
  "change.words": "The one you were given was shown to somebody. Until you change it nothing else opens.",
  "change.button": "Change it",
  "purpose.missing": "Choose a purpose.",
});
