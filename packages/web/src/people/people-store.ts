/** Who is here, as the server tells it while the page is open. */
import { type ApiError, eventsAddress, type Person, readMe } from "../api.ts";
import { plainName } from "../look/plain-name.ts";
import { createStore, type Store } from "../store.ts";

export interface People {
  /** `undefined` until the server told for the first time. */
  readonly list: readonly Person[] | undefined;
  /** False while the line to the server is down and the list may be old. */
  readonly current: boolean;
}

export interface PeopleStore {
  readonly people: Store<People>;
  close(): void;
}

/** EventSource reconnects by itself, except after an HTTP error: then this does. */
const RETRY_MS = 4_000;

export function openPeople(seat: string, onSignedOut: (error: ApiError) => void): PeopleStore {
  const people = createStore<People>({ list: undefined, current: true });
  let source: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(eventsAddress(seat));
    source.addEventListener("people", (event: MessageEvent<string>) => {
      const { people: list } = JSON.parse(event.data) as { people: readonly Person[] };
      people.write({ list: list.map(presentable), current: true });
    });
    source.onerror = () => {
      people.write({ ...people.read(), current: false });
      if (source.readyState === EventSource.CLOSED) readMe(seat).then(openLater, refused);
    };
  };
  const openLater = (): void => {
    retry = setTimeout(open, RETRY_MS);
  };
  const refused = (error: ApiError): void => {
    if (error.status === 401) onSignedOut(error);
    else openLater();
  };
  open();
  return {
    people,
    close() {
      clearTimeout(retry);
      source.close();
    },
  };
}

/** Names are as people chose them: here they become fit to be shown, for the whole page. */
function presentable(person: Person): Person {
  return { ...person, displayName: plainName(person.displayName, person.name) };
}
