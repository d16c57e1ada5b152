// The built book: where it is, and which pages it has.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
export const built = process.env.PEAS_BOOK ?? path.join(root, "book/book");
const source = path.join(root, "book/src");

// The chapters as SUMMARY.md lists them: `page` below the built book, `source` below book/src.
export function chapters() {
    const summary = fs.readFileSync(path.join(source, "SUMMARY.md"), "utf8");
    const found = [...summary.matchAll(/\]\(([^)]+)\.md\)/g)].map(([, name]) => ({
        page: name.replace(/(^|\/)README$/, "$1index") + ".html",
        source: path.join(source, name + ".md"),
    }));
    if (found.length === 0) throw new Error("SUMMARY.md lists no page: there is nothing to test");
    for (const { page } of found) {
        if (!fs.existsSync(path.join(built, page))) {
            throw new Error(`${page} is not in ${built}; type: cargo xtask book`);
        }
    }
    return found;
}

// Every page a reader can come to, those that mdBook adds among them.
export function pages() {
    const added = ["index.html", "404.html", "print.html"].filter(page => fs.existsSync(path.join(built, page)));
    return [...new Set([...chapters().map(it => it.page), ...added])];
}

// The first page with tasks on it: chapter 1.
export function chapterOne() {
    const found = chapters().find(it => /^\d\d-/.test(it.page));
    if (!found) throw new Error("SUMMARY.md lists no chapter NN-topic");
    return found.page;
}
