//! What a page points at, and what of it can be pointed at.

use std::cell::RefCell;
use std::collections::BTreeSet;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// What one page holds.
#[derive(Default)]
pub struct Found {
    pub ids: BTreeSet<String>,
    /// Ids that are there more than once.
    pub twice: Vec<String>,
    /// `href` and `src`, as they are written.
    pub links: Vec<String>,
    /// The `src` of images without words.
    pub silent: Vec<String>,
}

/// Reads a page as a browser would.
pub fn read(html: &str) -> Found {
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    // Stops at the end of each script element; go on after it.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.found.into_inner()
}

#[derive(Default)]
struct Sink {
    found: RefCell<Found>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else {
            return TokenSinkResult::Continue;
        };
        if tag.kind != TagKind::StartTag {
            return TokenSinkResult::Continue;
        }
        self.start(&tag);
        match tag.name.as_ref() {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" if !tag.self_closing => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}

impl Sink {
    fn start(&self, tag: &Tag) {
        let mut found = self.found.borrow_mut();
        let value = |name: &str| {
            let attribute = tag.attrs.iter().find(|it| it.name.local.as_ref() == name);
            attribute.map(|it| it.value.to_string())
        };
        if let Some(id) = value("id")
            && !found.ids.insert(id.clone())
        {
            found.twice.push(id);
        }
        let name = tag.name.as_ref();
        // SVG refers to its own parts by href, too, so all of these count.
        for attribute in ["href", "src", "xlink:href"] {
            if let Some(link) = value(attribute)
                && name != "base"
                && !link.is_empty()
            {
                found.links.push(link);
            }
        }
        if name == "img" && value("alt").is_none_or(|alt| alt.trim().is_empty()) {
            found.silent.push(value("src").unwrap_or_default());
        }
    }
}
