// What most test files begin with: the built book, served, and a browser.
import { after, before } from "node:test";
import { launch, open } from "./browser.js";
import { built } from "./book.js";
import { serve } from "./serve.js";

export function setup(dir = built) {
    const here = {
        // Opens a page of the book.
        open: (page, options) => open(here.browser, here.server.address + page, options),
    };
    before(async () => {
        here.server = await serve(dir);
        here.browser = await launch();
    });
    after(async () => {
        await here.browser?.close();
        here.server?.close();
    });
    return here;
}
