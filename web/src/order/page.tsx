// An order on a page of its own.
import type { PageProps } from "../app/pages";
import { orderName } from "./acts";
import { OrderView } from "./view";
import { say } from "./words";

export default function OrderPage({ params }: PageProps) {
  const id = params["id"] ?? "";
  return (
    <section class="card">
      <OrderView id={id} head={(o) => <><h1>{say("title", { number: orderName(o) })}</h1><h2>{say("says")}</h2></>} />
    </section>
  );
}
