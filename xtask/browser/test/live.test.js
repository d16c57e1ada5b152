// The grader in the page: what is saved under exercises/ shows there, without a reload.
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import { after, before, test } from "node:test";
import { chapterOne } from "../lib/book.js";
import { launch, open } from "../lib/browser.js";
import { workbook } from "../lib/workbook.js";

const chapter = "01-grouping";
const file = `exercises/${chapter}/src/names.rs`;
const task = "1.1";
let copy, server, browser, starter, solution;

before(async () => {
    copy = workbook();
    starter = copy.read(file);
    solution = copy.read(file.replace("exercises", "solutions"));
    [server, browser] = await Promise.all([copy.start(), launch()]);
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

test("at first nothing is started, and the page says what is next", async () => {
    const tab = await openTab();
    await tab.shows("not-started", /not started/);
    const next = tab.page.locator(".next-task");
    await next.filter({ hasText: `Task ${task}` }).filter({ hasText: file }).waitFor();
    await next.getByRole("link").click();
    assert.match(tab.page.url(), /#task-1-1$/);
    await tab.done();
});

test("a right answer turns its task green, everywhere on the page", async () => {
    const tab = await openTab();
    copy.write(file, solution);
    await tab.shows("passed", /passed/);
    await tab.says(/passed/);
    const checks = tab.page.locator(`li.task[data-task="${task}"] li.check`);
    for (const check of await checks.all()) assert.match(await check.getAttribute("class"), /\bpassed\b/);
    await tab.page.locator(`#mdbook-sidebar a[href*="${chapter}"] .mark`, { hasText: /\b1 ?(\/|of)/ }).waitFor();
    await tab.page.locator(".next-task", { hasText: "Task 1.2" }).waitFor();
    await tab.done();
});

test("a wrong answer turns it red, with what was expected and what was seen", async () => {
    const tab = await openTab();
    const wrong = solution.replace("|| b == b'-')", "|| b == b'-' || b == b'_')");
    assert.notEqual(wrong, solution);
    copy.write(file, wrong);
    await tab.shows("failed", /failed/);
    await tab.says(/expected[^]*observed/i);
    await tab.says(/a_b/);
    await tab.done();
});

test("a file that does not compile: the compiler's words, and no green until it does", async () => {
    const tab = await openTab();
    copy.write(file, solution.replace("-> bool {", "-> bool { 1 +"));
    await tab.shows("broken", /does not compile/);
    await tab.pageSays(/names\.rs/);
    copy.write(file, solution);
    await tab.shows("passed", /passed/);
    await tab.done();
});

// A browser has six connections for all the tabs of one server, and a stream takes one for good.
test("eight tabs show the same", async () => {
    const context = await browser.newContext();
    const tabs = [];
    while (tabs.length < 8) tabs.push(await openTab(context));
    copy.write(file, starter);
    for (const tab of tabs) await tab.shows("not-started", /not started/);
    copy.write(file, solution);
    for (const tab of tabs) await tab.shows("passed", /passed/);
    for (const tab of tabs) await tab.done();
    await context.close();
});

test("beside a thousand pages that are open and say nothing", async () => {
    const idle = Array.from({ length: 1000 }, () => http.get(server.address + ".live", { agent: false }));
    const answers = await Promise.all(idle.map(async it => (await once(it, "response"))[0].statusCode));
    assert.ok(answers.every(it => it === 200), answers.find(it => it !== 200));
    const tab = await openTab();
    copy.write(file, starter);
    await tab.shows("not-started", /not started/);
    await tab.done();
    idle.forEach(it => it.destroy());
});

test("ten saves a second: what counts is the last one", async () => {
    const tab = await openTab();
    for (let save = 0; save < 30; save += 1) {
        copy.write(file, save % 2 ? solution : starter);
        await tab.page.waitForTimeout(100);
    }
    copy.write(file, starter);
    await tab.shows("not-started", /not started/);
    // And it stays: no older grading ends after the newer one.
    await tab.page.waitForTimeout(1500);
    await tab.shows("not-started", /not started/);
    await tab.done();
});

test("a chapter is deleted while it is watched, and comes back", async () => {
    const tab = await openTab();
    const [dir, aside] = [copy.file(`exercises/${chapter}`), copy.file("aside")];
    fs.renameSync(dir, aside);
    await tab.pageSays(/is not there/);
    fs.renameSync(aside, dir);
    copy.write(file, solution);
    await tab.shows("passed", /passed/);
    await tab.done();
});

test("the server ends and comes back: the page goes on by itself", async () => {
    const tab = await openTab();
    await server.stop();
    copy.write(file, starter);
    server = await copy.start(server.port);
    await tab.shows("not-started", /not started/);
    copy.write(file, solution);
    await tab.shows("passed", /passed/);
    tab.heard.errors = tab.heard.errors.filter(it => !/ERR_(CONNECTION|INCOMPLETE|EMPTY)/.test(it));
    await tab.done();
});

test("an edit of the book takes its place in the page, which stays as it was", async t => {
    const [tab, other] = [await openTab(), await openTab()];
    await other.page.goto(server.address);
    await other.page.evaluate(() => (window.loadedOnce = true));
    await tab.shows("passed", /passed/);
    await tab.page.locator(".activity", { hasText: "Being graded" }).waitFor({ state: "hidden" });
    const details = tab.page.locator("main details").nth(1);
    await details.evaluate(it => (it.open = true));
    await tab.page.locator(".quiz label").first().click();
    const answered = await tab.page.locator(".quiz .verdict").first().textContent();
    await tab.page.evaluate(() => scrollTo(0, 2000));
    await tab.page.waitForTimeout(300);
    const page = `book/src/${chapter}/index.md`;
    const saved = Date.now();
    copy.write(page, copy.read(page).replace(/^# .*$/m, "# A new first heading").replace(/^## .*$/m, "## A new part"));
    await tab.page.locator("h1", { hasText: "A new first heading" }).waitFor();
    t.diagnostic(`from saving to the page: ${Date.now() - saved} ms`);
    await tab.page.waitForFunction(() => Math.abs(scrollY - 2000) < 50, null, { timeout: 3000 });
    // What scripts have made of the old text, they have made of the new.
    await tab.shows("passed", /passed/);
    await tab.says(/passed/);
    assert.ok(await details.evaluate(it => it.open));
    assert.equal(await tab.page.locator(".quiz .verdict").first().textContent(), answered);
    assert.equal(await tab.page.locator(".quiz + .score").count(), await tab.page.locator(".quiz").count());
    await tab.page.locator(".on-this-page", { hasText: "A new part" }).waitFor();
    const twice = await tab.page.$$eval("main pre", all => all.filter(it => it.querySelectorAll(".clip-button").length > 1).length);
    assert.equal(twice, 0);
    assert.ok(await tab.page.locator("main pre .clip-button").count() > 3);
    await tab.page.locator(`#mdbook-sidebar a[href*="${chapter}"] .mark`).first().waitFor();
    // And it goes on hearing.
    copy.write(file, starter);
    await tab.shows("not-started", /not started/);
    await tab.done();
    await other.done();
});

test("a new style, or a new title, is there after the page was loaded again", async () => {
    const styled = await openTab();
    const css = "book/theme/workbook.css";
    copy.write(css, copy.read(css) + "\nmain h1 { letter-spacing: 3px; }\n");
    await styled.page.waitForFunction(() => getComputedStyle(document.querySelector("main h1")).letterSpacing === "3px");
    await styled.done({ reloaded: true });
    const titled = await openTab();
    const summary = "book/src/SUMMARY.md";
    copy.write(summary, copy.read(summary).replace(/\[([^\]]*)\]\(02-/, "[A new title](02-"));
    await titled.page.locator("#mdbook-sidebar .chapter-title", { hasText: "A new title" }).waitFor();
    await titled.done({ reloaded: true });
});

test("what a result says to try can be copied", async () => {
    const tab = await openTab();
    copy.write(file, solution.replace("|| b == b'-')", "|| b == b'-' || b == b'_')"));
    await tab.shows("failed", /failed/);
    const command = tab.page.locator(".findings pre", { has: tab.page.locator(".clip-button") }).first();
    await command.filter({ hasText: "cargo run" }).waitFor();
    assert.equal(await command.locator(".clip-button").count(), 1);
    await tab.done();
});

test("a book that cannot be built leaves the old one, and the server says why", async () => {
    const tab = await openTab();
    const page = `book/src/${chapter}/index.md`;
    const text = copy.read(page);
    const before = server.said.length;
    copy.write(page, text + "\n{{#code no/such/file.rs}}\n");
    while (!/no\/such\/file/.test(server.said.slice(before))) await tab.page.waitForTimeout(50);
    copy.write(page, text);
    await tab.done();
});

// A tab on chapter 1, and what it should show of the task.
async function openTab(context) {
    const { page, heard, close } = await open(browser, server.address + chapterOne(), { context });
    await page.evaluate(() => (window.loadedOnce = true));
    const line = page.locator(`section.tasks li.task[data-task="${task}"]`);
    const panel = page.locator(`#task-${task.replace(".", "-")} + .result`);
    // The first time of all, the checks and podkit are compiled.
    const patience = { timeout: 300_000 };
    return {
        page,
        heard,
        async shows(state, text) {
            const wanted = page.locator(`section.tasks li.task.${state}[data-task="${task}"] .task-line .state`);
            await wanted.filter({ hasText: text }).waitFor(patience).catch(async () => {
                assert.fail(`the task is not ${state}: ${await line.evaluate(it => it.outerHTML.slice(0, 600))}\n${server.said.slice(-2000)}`);
            });
        },
        says: text => panel.filter({ hasText: text }).waitFor(patience),
        pageSays: text => page.locator("main").filter({ hasText: text }).waitFor(patience),
        async done({ reloaded = false } = {}) {
            assert.equal(await page.evaluate(() => !window.loadedOnce), reloaded, "was the page loaded again?");
            assert.deepEqual(heard, { elsewhere: [], errors: [] });
            await close();
        },
    };
}
