import { openDevices } from "../media.ts";
import type { Story } from "../story.ts";

export const callerCancels: Story = {
  name: "Who takes a call back while it rings leaves a missed call in words",
  isCall: true,
  async tell(stage) {
    const [alice, bob] = await stage.join2("Alice", "Bob");
    await alice.calls("Bob", "voice");
    await bob.isCalledBy("Alice", "voice");
    await alice.reads("Ringing");
    await alice.hangsUp();
    const ms = await bob.isNotRung({ withinMs: 2000 });
    await bob.reads("Missed call from Alice.");
    await alice.reads("You cancelled the call.");
    await stage.picture("missed-call", bob.page);
    const open = await openDevices(alice.page);
    if (open > 0) throw new Error(`Alice’s page still holds ${open} devices`);
    return [`stopped after ${ms.toFixed(0)} ms`];
  },
};
