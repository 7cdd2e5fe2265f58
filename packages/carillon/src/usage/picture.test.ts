import { expect, test } from "vitest";
import { printPicture } from "./picture.ts";
import { pictures } from "./pictures/index.ts";

test.each(pictures().map((picture) => [picture.title, picture] as const))(
  "every box, every arrow: %s",
  (_, picture) => {
    expect(printPicture(picture)).toMatchSnapshot();
  },
);
