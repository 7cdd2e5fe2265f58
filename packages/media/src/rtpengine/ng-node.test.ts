import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, test } from "vitest";
import { NgNode } from "./ng-node.ts";

test.each(["::1", "0:0:0:0:0:0:0:1", "0::1"])(
  "an rtpengine is the same however its address is spelled: %s",
  async (host) => {
    const engine = createSocket("udp6");
    engine.on("message", (bytes, { port, address }) => {
      const [cookie] = bytes.toString("latin1").split(" ", 1);
      engine.send(`${cookie} d6:result4:ponge`, port, address);
    });
    engine.bind(0, "::1");
    await once(engine, "listening");
    const node = new NgNode({ host, port: engine.address().port, retryMs: 50, timeoutMs: 500 });
    expect(await node.ask("ping")).toEqual({ result: "pong" });
    node.close();
    engine.close();
  },
);
