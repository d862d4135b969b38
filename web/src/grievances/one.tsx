// A grievance as a page of its own.
import type { PageProps } from "../app/pages";
import { GrievanceView } from "./view";
import { say } from "./words";

export default function GrievancePage({ params }: PageProps) {
  return (
    <>
      <h1>{say("title")}</h1>
      <section class="card"><GrievanceView id={params["id"] ?? ""} /></section>
    </>
  );
}
