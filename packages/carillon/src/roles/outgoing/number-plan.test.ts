import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSipUri } from "../../uri/sip-uri.ts";
import { numberKinds, userDialled } from "./number-plan.ts";

const kindOf = numberKinds();
const german = numberKinds({ own: ["+49"], line: ["9"] });
const american = numberKinds({ own: ["+1"], national: "1", premium: ["900", "+1900", "+1809"] });

describe("what is dialled", () => {
  test("without a plan: whatever may leave the country is abroad, dear numbers are dear", () => {
    for (const user of ["+4989123", "004989123", "01144207", "0011", "+", "00"]) {
      expect(kindOf(user), user).toBe("International");
    }
    for (const user of ["0900123", "1900555", "00979123", "+881123", "011882123", "11833"]) {
      expect(kindOf(user), user).toBe("Premium");
    }
    for (const user of ["089123", "100", "5551234"]) expect(kindOf(user), user).toBe("National");
    for (const user of ["*21*00900123#", "#31#089", "*", "08*9"]) {
      expect(kindOf(user), user).toBe("Code");
    }
    for (const user of ["bob", "bob1990", "müller", "_echo", "", undefined]) {
      expect(kindOf(user), user).toBe("Name");
    }
  });

  test("with a country: its own numbers are not abroad, however they are dialled", () => {
    for (const user of ["+4989123", "004989123", "089123"]) {
      expect(german(user), user).toBe("National");
    }
    for (const user of ["+49900123", "0049900123", "0900123", "00499001"]) {
      expect(german(user), user).toBe("Premium");
    }
    expect(german("0113123")).toBe("National");
    expect(american("01149891")).toBe("International");
    expect(american("+18091234567")).toBe("Premium");
    expect(american("18091234567")).toBe("Premium");
    expect(american("8091234567")).toBe("Premium");
    expect(american("12125551234")).toBe("National");
  });

  test("the code for a line is taken away, and what is left counts, too", () => {
    expect(german("900441234")).toBe("International");
    expect(german("90900123")).toBe("Premium");
    expect(german("9089123")).toBe("National");
    expect(german("9")).toBe("National");
  });

  test("separators, parameters, schemes and digits of other scripts hide nothing", () => {
    const disguises = [
      ...["00-44-20", "0 0 44", "(00)4420", "00.44", "-0044", "tel:0044", "sip:0044", "٠٠٤٤"],
      ...["００４４", "0044;phone-context=+49", ";0044".slice(1), "\u00a00044", "++44", "0/0/44"],
    ];
    for (const user of disguises) expect(german(user), user).toBe("International");
    const escaped = parseSipUri("sip:%30%304420;npdi@gw.example");
    expect(escaped.ok && german(userDialled(escaped.value))).toBe("International");
  });

  test("any text is of one kind, and separators between digits change none", () => {
    const separator = fc.constantFrom("-", ".", " ", "(", ")", "/", "%", "\u00a0");
    const digits = fc.array(fc.constantFrom(..."0123456789"), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(digits, fc.array(separator, { maxLength: 20 }), (number, between) => {
        const hidden = number.map((one, i) => `${one}${between[i] ?? ""}`).join("");
        expect(german(hidden)).toBe(german(number.join("")));
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => german(text) !== undefined));
  });
});
