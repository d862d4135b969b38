import { words } from "../shared/words";

export const say = words({
  "title": "Whom to call",
  "words": "Desks of banks and agencies that answer orders. The last note of an institution and desk counts; each note is a record.",
  "caption": "Contacts of institutions",
  "country": "Country",
  "institution": "Institution",
  "institution.hint": "Its code, such as TH/004, or its name",
  "institution.bad": "This institution is not known.",
  "desk": "Desk",
  "phone": "Phone",
  "email": "Mail",
  "hours": "Hours",
  "language": "Language",
  "note": "Note",
  "filter": "Only of this institution",
  "none": "No contact is known yet.",
  "add": "Note a contact",
  "save": "Save the contact",
  "saved": "Saved.",
  "need": "A phone or a mail is needed.",
});
