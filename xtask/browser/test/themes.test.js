// Light and dark: the system's choice, until the reader chooses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chapterOne, pages } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();

test("follows the system, and when that changes", async () => {
    const { page, close } = await here.open(chapterOne(), { colorScheme: "dark" });
    await expectDark(page, true);
    await page.emulateMedia({ colorScheme: "light" });
    await expectDark(page, false);
    await close();
});

test("what is chosen in the menu holds, whatever the system says, and is remembered", async () => {
    const { page, context, close } = await here.open(chapterOne(), { colorScheme: "light" });
    await choose(page, "Dark");
    await expectDark(page, true);
    await page.reload();
    await expectDark(page, true);
    const other = await context.newPage();
    await other.goto(new URL(pages().at(-1), here.server.address).href);
    await expectDark(other, true);
    await close();
});

test("and can be given back to the system", async () => {
    const { page, close } = await here.open(chapterOne(), { colorScheme: "dark" });
    await choose(page, "Light");
    await expectDark(page, false);
    await choose(page, "Auto");
    await expectDark(page, true);
    await page.reload();
    await expectDark(page, true);
    await close();
});

async function choose(page, name) {
    await page.click("#mdbook-theme-toggle");
    await page.getByRole("menuitemradio", { name }).click();
}

// Colours may take a moment to change.
async function expectDark(page, expected) {
    const isDark = () => {
        const seen = [document.body, document.documentElement].map(it => getComputedStyle(it).backgroundColor);
        const [red, green, blue] = seen.find(it => !/, 0\)$/.test(it)).match(/\d+/g);
        return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
    };
    for (const end = Date.now() + 3000; (await page.evaluate(isDark)) !== expected; ) {
        assert.ok(Date.now() < end, `the page is ${expected ? "light" : "dark"}`);
        await page.waitForTimeout(20);
    }
}
