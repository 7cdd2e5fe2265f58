import { expect, test } from "vitest";
import { peerOf } from "./peer-name.ts";

const bob = {
  name: "bob",
  displayName: "Bob Baker",
  aor: "sip:bob@house.example",
  online: true,
  you: false,
};

test("a person of the house has the name the house knows", () => {
  const caller = { uri: "sip:bob@House.Example;transport=ws", displayName: "The Queen" };
  expect(peerOf(caller, [bob])).toEqual({ name: "Bob Baker", uri: "sip:bob@house.example" });
});

test("a stranger has the name the call says, or else the address", () => {
  const uri = "sip:eve@other.example";
  expect(peerOf({ uri, displayName: "Eve" }, [bob])).toEqual({ name: "Eve", uri });
  expect(peerOf({ uri, displayName: " " }, [bob])).toEqual({ name: "eve", uri });
  expect(peerOf({ uri: "tel:+1", displayName: "" }, [])).toEqual({ name: "tel:+1", uri: "tel:+1" });
});
