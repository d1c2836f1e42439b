// For whoever runs the gateway.

import { element } from "./element.js";

export async function view() {
  return { element: element("div", {}, element("h1", {}, "Admin")) };
}
