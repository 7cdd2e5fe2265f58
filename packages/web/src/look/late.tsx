/**
 * A part of the page that comes when it is needed, so that what is needed first is here first.
 * Where it does not come, that is said, with what to do: the house may be another one by now, which
 * has not got what this page was built with.
 */
import { type ComponentType, type ReactNode, useEffect } from "react";
import { Trouble } from "../pages/trouble.tsx";
import { createStore, useStore } from "../store.ts";
import { Button } from "./button.tsx";

export type Late<Props> = ComponentType<Props> & {
  /** Fetches it before it is shown. Never rejects: whether it is here is seen when it is shown. */
  load(): Promise<void>;
};

/** `waiting` is shown until it is there. */
export function late<Props extends object>(
  fetchPart: () => Promise<ComponentType<Props>>,
  waiting: ReactNode = null,
): Late<Props> {
  // Watched, and not looked at once: it may come between what is drawn and what is done after that.
  const state = createStore<ComponentType<Props> | "Missing" | undefined>(undefined);
  let loading: Promise<void> | undefined;
  const load = (): Promise<void> => {
    loading ??= fetchPart().then(
      (part) => state.write(part),
      () => state.write("Missing"),
    );
    return loading;
  };
  function Part(props: Props): ReactNode {
    const Loaded = useStore(state);
    useEffect(() => void load(), []);
    if (Loaded === "Missing") return <Missing />;
    return Loaded === undefined ? waiting : <Loaded {...props} />;
  }
  return Object.assign(Part, { load });
}

/** Browsers remember that a module did not come: only a page that is loaded anew asks again. */
function Missing(): ReactNode {
  return (
    <div className="flex h-full flex-col items-center justify-center p-6">
      <div className="w-full max-w-[400px]">
        <Trouble
          what="This part of the page did not come."
          doThis="Check your network, or whether Carillon still runs, and load the page again."
        />
        <Button tone="primary" className="mt-4 w-full" onClick={() => location.reload()}>
          Load the page again
        </Button>
      </div>
    </div>
  );
}
