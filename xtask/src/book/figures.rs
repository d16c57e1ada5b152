//! Figures are SVG inside the page, so that colours follow the theme and nothing is fetched.
//! A timeline is drawn by the reference runner itself, so it cannot drift from the code.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

use super::directives::Page;
use super::expand::escape;
use crate::starters;
use crate::workbook::Chapter;

/// `{{#figure FILE.svg alt text}}`, or `{{#figure FILE.svg alt text | caption}}`.
pub fn figure(page: &Page, args: &str) -> Result<String> {
    let (file, text) = args.split_once(char::is_whitespace).unwrap_or((args, ""));
    let (alt, caption) = match text.split_once(" | ") {
        Some((alt, caption)) => (alt.trim(), Some(caption.trim())),
        None => (text.trim(), None),
    };
    ensure!(!alt.is_empty(), "a figure needs alternative text: {{{{#figure {file} what it shows}}}}");
    let svg = std::fs::read_to_string(page.dir().join(file)).with_context(|| format!("cannot read {file}"))?;
    let svg = inline(&svg, alt, &id_prefix(file)).with_context(|| file.to_owned())?;
    let caption = caption.map_or(String::new(), |text| format!("\n<figcaption>{}</figcaption>", escape(text)));
    Ok(format!("<figure>\n{svg}{caption}\n</figure>\n"))
}

/// `{{#timeline PATH}}` or `{{#timeline PATH caption}}`: PATH is a scenario, seen from the
/// repository's root. The same is there as text, for those who do not see it.
pub fn timeline(page: &Page, args: &str) -> Result<String> {
    let (path, caption) = args.split_once(char::is_whitespace).unwrap_or((args, ""));
    let workbook = page.workbook()?;
    let file = page.root.join(path);
    ensure!(file.is_file(), "cannot read {path}");
    // The chapter the scenario belongs to, else the page's.
    let of = |path: &Path| -> Option<&Chapter> {
        path.components().find_map(|part| {
            let name = part.as_os_str().to_str()?;
            workbook.chapters.iter().find(|chapter| chapter.dir == name)
        })
    };
    let chapter = of(Path::new(path))
        .or_else(|| of(page.path))
        .context("neither the scenario nor the page is in a chapter's directory")?;
    let key = key(page, chapter, &file)?;
    let svg = simulate(page.root, chapter, &file, "svg", &key)?;
    let text = simulate(page.root, chapter, &file, "text", &key)?;
    let seen = path.strip_prefix("exercises/").unwrap_or(path);
    let command = format!("cargo run -p {} -- simulate {seen}", chapter.krate);
    let alt = if caption.is_empty() {
        format!("Timeline of {seen}; the same as text follows.")
    } else {
        format!("Timeline: {caption} The same as text follows.")
    };
    let svg = inline(&svg, &alt, &id_prefix(seen)).with_context(|| path.to_owned())?;
    let caption = if caption.is_empty() { String::new() } else { format!("{} ", escape(caption)) };
    // Blank lines would end the block of HTML; &#10; is a line break that Markdown leaves alone.
    let text = escape(text.trim_end()).replace('\n', "&#10;");
    Ok(format!(
        "<figure class=\"timeline\">\n{svg}\n<figcaption>{caption}<code>{}</code>\n\
         <details><summary>The same as text</summary>\
         <pre><code class=\"language-text\">{text}</code></pre></details></figcaption>\n</figure>\n",
        escape(&command)
    ))
}

/// What the reference runner draws; from the cache if nothing that goes into it has changed.
fn simulate(root: &Path, chapter: &Chapter, file: &Path, format: &str, key: &str) -> Result<String> {
    let cache = root.join("target/book-cache");
    let kept = cache.join(format!("{key}.{format}"));
    if let Ok(text) = std::fs::read_to_string(&kept) {
        return Ok(text);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut child = Command::new(cargo)
        .args(["run", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .args(["--package", &chapter.krate, "--", "simulate"])
        .arg(file)
        .args(["--format", format])
        .current_dir(root.join("exercises"))
        .env_remove("CARGO_TARGET_DIR")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("failed to start cargo")?;
    let (Some(mut stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("cargo has no pipes");
    };
    let printed = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let mut lines = Vec::new();
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        // cargo holds one lock a target directory: the whole workbook's here.
        if line.contains("waiting for file lock") {
            eprintln!("waiting for another cargo to finish building ...");
        }
        lines.push(line);
    }
    let status = child.wait().context("failed to wait for cargo")?;
    if !status.success() {
        let last = lines[lines.len().saturating_sub(12)..].join("\n       ");
        bail!("the runner of {chapter} does not simulate it ({status}):\n       {last}");
    }
    let printed = printed.join().ok().context("the runner's output was lost")?;
    let text = printed.context("the runner printed no UTF-8")?;
    std::fs::create_dir_all(&cache)
        .and_then(|()| std::fs::write(&kept, &text))
        .with_context(|| format!("failed to write {}", kept.display()))?;
    Ok(text)
}

/// A hash of all that a timeline follows from: podkit and the solutions up to the chapter, and
/// the scenario with its neighbours (it may name a manifest).
fn key(page: &Page, chapter: &Chapter, file: &Path) -> Result<String> {
    let known = page.given.sources.borrow().get(&chapter.dir).copied();
    let sources = match known {
        Some(sources) => sources,
        None => {
            let mut dirs: Vec<PathBuf> = vec![page.root.join("exercises/podkit")];
            for dir in std::fs::read_dir(page.root.join("solutions"))? {
                let dir = dir?;
                if dir.file_name().to_string_lossy().as_ref() <= chapter.dir.as_str() {
                    dirs.push(dir.path());
                }
            }
            dirs.sort();
            let mut hash = Sha256::new();
            dirs.iter().try_for_each(|dir| add(&mut hash, dir))?;
            let sources = hash.finalize().into();
            page.given.sources.borrow_mut().insert(chapter.dir.clone(), sources);
            sources
        }
    };
    let mut hash = Sha256::new();
    hash.update(sources);
    // From the root: a copy of the workbook may take the figures along.
    hash.update(file.strip_prefix(page.root).unwrap_or(file).as_os_str().as_encoded_bytes());
    add(&mut hash, file.parent().context("a scenario is in a directory")?)?;
    Ok(hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect())
}

/// All files of a directory.
fn add(hash: &mut Sha256, dir: &Path) -> Result<()> {
    for inner in starters::files(dir)? {
        hash.update(inner.as_os_str().as_encoded_bytes());
        hash.update(std::fs::read(dir.join(&inner))?);
    }
    Ok(())
}

/// SVG as it may stand in a page: no prolog, no blank lines (they would end the block of
/// HTML), no script, and words for those who do not see it. Ids get a prefix, because two
/// figures of one page share its name space.
fn inline(svg: &str, alt: &str, prefix: &str) -> Result<String> {
    let start = svg.find("<svg").context("there is no <svg> in it")?;
    ensure!(!svg.contains("<script"), "a figure has no scripts");
    let lines: Vec<&str> = svg[start..].lines().map(str::trim_end).filter(|line| !line.trim().is_empty()).collect();
    let svg = lines.join("\n");
    let end = svg.find('>').context("<svg is never closed")?;
    let mut open = svg[..end].to_owned();
    for name in ["role", "aria-label", "aria-labelledby"] {
        if let Some(at) = open.find(&format!(" {name}=\""))
            && let Some(length) = open[at + name.len() + 3..].find('"')
        {
            open.replace_range(at..at + name.len() + 3 + length + 1, "");
        }
    }
    // After `<svg`, before whatever else it has.
    open.insert_str(4, &format!(" role=\"img\" aria-label=\"{}\"", escape(alt)));
    let rest = &svg[end..];
    Ok(format!("{open}{rest}")
        .replace(" id=\"", &format!(" id=\"{prefix}-"))
        .replace("url(#", &format!("url(#{prefix}-"))
        .replace("href=\"#", &format!("href=\"#{prefix}-")))
}

/// `pods/crash-loop.yaml` → `crash-loop`.
fn id_prefix(file: &str) -> String {
    Path::new(file)
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_svg_goes_into_a_page_as_it_must() {
        let svg = "<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 1 1\" role=\"img\">\n\n<g id=\"a\"/>\n<use href=\"#a\"/>\n</svg>\n";
        let got = inline(svg, "A \"pod\" & more", "pod").unwrap();
        assert_eq!(
            got,
            "<svg role=\"img\" aria-label=\"A &quot;pod&quot; &amp; more\" viewBox=\"0 0 1 1\">\n\
             <g id=\"pod-a\"/>\n<use href=\"#pod-a\"/>\n</svg>"
        );
        assert!(inline("<p>no</p>", "x", "y").is_err());
        assert!(inline("<svg><script/></svg>", "x", "y").is_err());
    }
}
