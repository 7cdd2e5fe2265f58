/** Whether single keys do something in a call. Who speaks to the machine may not want that. */
import { createStore, type Store } from "../store.ts";

const KEY = "carillon.shortcuts";

export const shortcutsOn: Store<boolean> = createStore(localStorage.getItem(KEY) !== "off");

shortcutsOn.subscribe(() => localStorage.setItem(KEY, shortcutsOn.read() ? "on" : "off"));
