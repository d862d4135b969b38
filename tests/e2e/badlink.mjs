// A bad link between two ports of loopback: rate, delay, packets that have to be sent again, cuts.
// Use: node badlink.mjs LISTEN-PORT TARGET-PORT BITS-PER-SECOND DELAY-MS LOSS-PERCENT SEED
// SIGUSR1 cuts all connections, and for two seconds no new one comes through. What waits on the way
// is lost with them. Prints its port (0 takes any free one).
import net from "node:net";

const [listen, target, rate, delay, loss, seed] = process.argv.slice(2).map(Number);
const PACKET = 1400;
let state = seed >>> 0 || 1;
const random = () => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
};
// One queue for each direction: connections share the link.
class Way {
    free = 0; // when the line is free again
    arrived = 0; // no packet overtakes the one before
    waiting = 0; // bytes on the way
    send(bytes, from, to) {
        for (let at = 0; at < bytes.length; at += PACKET) {
            const part = bytes.subarray(at, at + PACKET);
            const now = performance.now();
            this.free = Math.max(now, this.free) + ((part.length + 40) * 8000) / rate;
            let arrives = this.free + delay;
            while (random() * 100 < loss) arrives += 2 * delay + 200; // sent again
            this.arrived = Math.max(this.arrived, arrives);
            this.waiting += part.length;
            if (this.waiting > 8 * PACKET) from.pause();
            setTimeout(() => {
                this.waiting -= part.length;
                if (!to.destroyed) to.write(part);
                if (this.waiting <= 4 * PACKET) from.resume();
            }, this.arrived - now);
        }
    }
    end(to) {
        setTimeout(() => to.end(), Math.max(0, this.arrived - performance.now()) + delay);
    }
}
const there = new Way();
const back = new Way();
const open = new Set();
let dark = 0;
const server = net.createServer({ allowHalfOpen: true }, (a) => {
    if (performance.now() < dark) return a.destroy();
    const b = net.connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
    open.add(a).add(b);
    for (const [x, y, way] of [[a, b, there], [b, a, back]]) {
        x.on("data", (bytes) => way.send(bytes, x, y));
        x.on("end", () => way.end(y));
        x.on("error", () => y.destroy());
        x.on("close", () => {
            open.delete(x);
            if (x.errored) y.destroy();
        });
    }
});
process.on("SIGUSR1", () => {
    dark = performance.now() + 2000;
    for (const s of open) s.destroy();
});
server.listen(listen, "127.0.0.1", () => console.log(server.address().port));
