/** As much of the DNS as a server needs that lies: one question and its answer. RFC 1035. */

export interface Question {
  readonly name: string;
  readonly type: string;
}

export type Resource =
  | { readonly name: string; readonly type: "A"; readonly address: string }
  | { readonly name: string; readonly type: "CNAME" | "NAPTR"; readonly target: string }
  | { readonly name: string; readonly type: "SRV"; readonly target: string; readonly port: number };

const TYPES: Readonly<Record<string, number>> = {
  ...{ A: 1, CNAME: 5, AAAA: 28, SRV: 33, NAPTR: 35 },
};

/** Undefined for what is no question. */
export function question(octets: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = octets[at]; length; length = octets[at]) {
    labels.push(octets.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > octets.length) return undefined;
  const number = octets.readUInt16BE(at + 1);
  const type = Object.keys(TYPES).find((name) => TYPES[name] === number) ?? String(number);
  return { name: labels.join(".").toLowerCase(), type };
}

/** As many of them as have room; TC is set where some have none. Undefined resources: NXDOMAIN. */
export function answer(
  asked: Buffer,
  { name }: Question,
  resources: readonly Resource[] | undefined,
  room: number,
): Buffer {
  const end = 12 + nameOf(name).length + 4;
  const head = Buffer.from(asked.subarray(0, end));
  const written: Buffer[] = [];
  let size = end;
  let isCut = false;
  for (const one of resources ?? []) {
    const octets = resource(one);
    isCut = size + octets.length > room;
    if (isCut) break;
    written.push(octets);
    size += octets.length;
  }
  head.writeUInt16BE(0x8180 | (isCut ? 0x0200 : 0) | (resources ? 0 : 3), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(written.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...written]);
}

function resource(one: Resource): Buffer {
  const data = dataOf(one);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(TYPES[one.type] ?? 0, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(1, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameOf(one.name), fixed, data]);
}

function dataOf(one: Resource): Buffer {
  switch (one.type) {
    case "A":
      return Buffer.from(one.address.split(".").map(Number));
    case "CNAME":
      return nameOf(one.target);
    case "SRV": {
      const fixed = Buffer.alloc(6);
      fixed.writeUInt16BE(10, 0);
      fixed.writeUInt16BE(1, 2);
      fixed.writeUInt16BE(one.port, 4);
      return Buffer.concat([fixed, nameOf(one.target)]);
    }
    case "NAPTR": {
      const text = (value: string) =>
        Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
      const order = Buffer.from([0, 10, 0, 10]);
      return Buffer.concat([order, text("S"), text("SIP+D2U"), text(""), nameOf(one.target)]);
    }
  }
}

function nameOf(name: string): Buffer {
  const labels = name.split(".").filter((label) => label !== "");
  const octets = labels.flatMap((label) => [
    Buffer.from([label.length]),
    Buffer.from(label, "latin1"),
  ]);
  return Buffer.concat([...octets, Buffer.from([0])]);
}
