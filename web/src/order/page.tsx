// An order on a page of its own.
import type { PageProps } from "../app/pages";
import { OrderView } from "./view";
import { say } from "./words";

export default function OrderPage({ params }: PageProps) {
  const id = params["id"] ?? "";
  return (
    <section class="card">
      <h1>{say("title", { number: /^O-/.test(id) ? id : id.slice(-8) })}</h1>
      <h2>{say("says")}</h2>
      <OrderView id={id} />
    </section>
  );
}
