// With the keyboard alone: everything can be reached, and one always sees where one is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chapterOne, chapters } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();

const wanted = {
    "the link to the text": ".skip-link",
    "the table of contents": "#mdbook-sidebar-toggle",
    "search": "#mdbook-search-toggle",
    "the theme": "#mdbook-theme-toggle",
    "a task": "section.tasks li.task a",
    "its checks": "section.tasks details.checks > summary",
    "its hints": "section.tasks details.hint > summary",
    "the quiz": ".quiz input[type=radio]",
    "the next page": "a[rel~=next]",
};

for (const width of [1280, 390]) {
    test(`Tab goes through the whole page, and each stop is seen, ${width} px`, async () => {
        const { page, close } = await here.open(chapterOne(), { width, reducedMotion: "reduce" });
        const reach = { ...wanted, ...(width === 1280 && { "another chapter": "#mdbook-sidebar a" }) };
        const stops = [];
        for (let stop; stops.length < 1000; stops.push(stop)) {
            await page.keyboard.press("Tab");
            stop = await page.evaluate(look, Object.values(reach));
            if (!stop) break;
        }
        assert.deepEqual(stops.flatMap(it => it.unseen), []);
        for (const [name, selector] of Object.entries(reach)) {
            assert.ok(stops.some(it => it.is.includes(selector)), `Tab does not come to ${name}`);
        }
        assert.ok(stops[0].is.includes(".skip-link"), `the first stop is ${stops[0].html}`);
        await close();
    });
}

test("a stop that is not seen is found", async () => {
    const { page, close } = await here.open(chapterOne());
    await page.addStyleTag({ content: "* { outline: none !important; box-shadow: none !important }" });
    await page.keyboard.press("Tab");
    assert.match((await page.evaluate(look, [])).unseen.join(), /no outline/);
    await close();
});

test("the link to the text leads past everything before it", async () => {
    const { page, close } = await here.open(chapterOne());
    for (const key of ["Tab", "Enter", "Tab"]) await page.keyboard.press(key);
    assert.equal(await page.evaluate(() => document.activeElement.closest("main") !== null), true);
    await close();
});

for (const width of [1280, 390]) {
    test(`the table of contents opens, leads to a chapter, and closes, ${width} px`, async () => {
        const { page, close } = await here.open(chapterOne(), { width });
        const toggle = page.locator("#mdbook-sidebar-toggle");
        const link = page.locator(`#mdbook-sidebar a[href$="${chapters().at(-1).page}"]`).first();
        const press = async expected => {
            await toggle.press("Enter");
            assert.equal(await toggle.getAttribute("aria-expanded"), String(expected));
            await link.waitFor({ state: expected ? "visible" : "hidden" });
        };
        const open = (await toggle.getAttribute("aria-expanded")) === "true";
        assert.equal(open, width === 1280);
        if (open) await press(false);
        await press(true);
        await link.press("Enter");
        await page.waitForURL(url => url.pathname.endsWith(chapters().at(-1).page));
        await close();
    });
}

test("search: a key opens it, arrows walk over what is found, Enter goes there, Escape leaves", async () => {
    const { page, close } = await here.open(chapterOne());
    const field = page.locator("#mdbook-searchbar");
    await page.keyboard.press("/");
    await field.waitFor();
    await page.keyboard.press("Escape");
    await field.waitFor({ state: "hidden" });
    await page.keyboard.press("/");
    await page.keyboard.type("namespace");
    await page.locator("#mdbook-searchresults a").first().waitFor();
    await page.keyboard.press("ArrowDown");
    const to = await page.evaluate(() => document.activeElement.href);
    assert.ok(to, "ArrowDown does not come to a result");
    await page.keyboard.press("Enter");
    await page.waitForURL(url => url.pathname === new URL(to).pathname);
    await close();
});

test("the theme: the menu opens, is walked with arrows, and Escape gives the focus back", async () => {
    const { page, close } = await here.open(chapterOne());
    const toggle = page.locator("#mdbook-theme-toggle");
    await toggle.press("Enter");
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
    assert.equal(await focused(), "Auto");
    await page.keyboard.press("ArrowDown");
    assert.equal(await focused(), "Light");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.id), "mdbook-theme-toggle");
    await close();
});

test("hints open with Enter, one after another", async () => {
    const { page, close } = await here.open(chapterOne());
    const task = page.locator("section.tasks li.task").first();
    for (const number of ["1", "2", "3"]) {
        const hint = task.locator(`details.hint[data-hint="${number}"]`);
        await hint.locator("> summary").press("Enter");
        assert.equal(await hint.locator("> p").first().isVisible(), true, `hint ${number}`);
    }
    await close();
});

// In the page: where the focus is, and why that cannot be seen.
function look(selectors) {
    const it = document.activeElement;
    if (!it || it === document.body || it === document.documentElement) return null;
    const html = it.cloneNode(false).outerHTML.slice(0, 120);
    const unseen = [];
    const style = getComputedStyle(it);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    if (!outlined && style.boxShadow === "none") unseen.push(`${html}: no outline`);
    // The part of it that is in the window, and what is drawn there.
    const box = [...it.getClientRects()].find(box => box.width > 0 && box.height > 0);
    if (!box) return { html, unseen: [...unseen, `${html}: has no size`], is: [] };
    const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
    const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
    if (left >= right || top >= bottom) {
        unseen.push(`${html}: is outside of the window`);
    } else {
        const drawn = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        const same = drawn && (it.contains(drawn) || drawn.contains(it));
        if (!same) unseen.push(`${html}: is behind ${drawn?.cloneNode(false).outerHTML.slice(0, 80)}`);
    }
    return { html, unseen, is: selectors.filter(selector => it.matches(selector)) };
}
