//! What a document of the right shape must keep to.

use std::collections::HashSet;

use serde_json::Value;

use super::read::Parts;
use crate::{
    data::{PAGE_SIZE_MAX, SORT_MAX},
    pages::{
        document::{
            Block, CardsBlock, ChartBlock, ChatBlock, Column, Document, DocumentLimits, Field, FieldKind,
            FormBlock, Frame, TableBlock,
        },
        is_id,
    },
    push,
    scenarios::{
        validate::{Findings, NAME_RULE, is_method, is_name},
        written::Text,
    },
};

/// Bytes of a title, a label, an option.
pub(in crate::pages) const TITLE_BYTES_MAX: usize = 200;
/// As many columns has a page.
pub(in crate::pages) const WIDTH_MAX: u32 = 12;

pub(super) fn check(document: &Value, parts: &Parts, limits: &DocumentLimits, findings: &mut Findings) {
    let most = limits.bytes_max;
    let is_small = document.to_string().len() <= most;
    findings.expect(
        is_small,
        "",
        format!("a page can't have more than {most} bytes (limits.page_bytes_max)"),
    );
    let most = limits.blocks_max;
    let is_short = parts.count <= most;
    findings.expect(
        is_short,
        "blocks",
        format!("a page can't have more than {most} blocks (limits.page_blocks_max)"),
    );
    if let Some(head) = &parts.head {
        check_head(head, findings);
    }
    let mut ids = HashSet::new();
    for (path, block) in &parts.blocks {
        let mut rules = Rules { path, limits, findings };
        rules.frame(&block.frame());
        if let Some(id) = block.frame().id {
            rules.expect(ids.insert(id), "id", format!("another block has the id {id:?}"));
        }
        rules.block(block);
    }
    for (path, column) in &parts.columns {
        Rules { path, limits, findings }.column(column);
    }
    for (path, field) in &parts.fields {
        Rules { path, limits, findings }.field(field);
    }
}

fn check_head(head: &Document, findings: &mut Findings) {
    findings.expect(is_title(&head.title), "title", title_rule());
    findings.expect(!head.title.is_empty(), "title", "is empty");
    let is_lang = head.lang.as_deref().is_none_or(is_language);
    findings.expect(is_lang, "lang", "must be a language: \"en\", \"pt-BR\"");
}

fn is_title(text: &str) -> bool {
    text.len() <= TITLE_BYTES_MAX && !text.chars().any(char::is_control)
}

fn title_rule() -> String {
    format!("must have at most {TITLE_BYTES_MAX} bytes and no control characters")
}

fn is_language(text: &str) -> bool {
    let is_part =
        |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    let first = text.split('-').next().unwrap_or_default();
    first.len() >= 2 && first.chars().all(|c| c.is_ascii_alphabetic()) && text.split('-').all(is_part)
}

/// The rules for one block.
struct Rules<'a> {
    path: &'a str,
    limits: &'a DocumentLimits,
    findings: &'a mut Findings,
}

impl Rules<'_> {
    fn expect(&mut self, is_well: bool, field: &str, message: impl Into<String>) {
        self.findings.expect(is_well, format!("{}.{field}", self.path), message);
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        let Frame { id, title, width, refresh_on } = frame;
        self.expect(id.is_none_or(is_id), "id", "must be 1 to 64 letters without accents, digits, _ and -");
        self.title("title", *title);
        let is_width = width.is_none_or(|width| (1..=WIDTH_MAX).contains(&width));
        self.expect(is_width, "width", format!("must be 1 to {WIDTH_MAX}"));
        self.count("refresh_on", refresh_on.len());
        for (index, name) in refresh_on.iter().enumerate() {
            let problem = push::event_name_problem(name);
            self.expect(problem.is_none(), &format!("refresh_on[{index}]"), problem.unwrap_or_default());
        }
    }

    fn block(&mut self, block: &Block) {
        for (field, endpoint) in block.endpoints() {
            self.endpoint(field, endpoint);
        }
        match block {
            Block::TextBlock(text) => self.template("text", Some(&text.text)),
            Block::HtmlBlock(html) => self.template("html", Some(&html.html)),
            Block::TableBlock(table) => self.table(table),
            Block::CardsBlock(cards) => self.cards(cards),
            Block::FormBlock(form) => self.form(form),
            Block::ChatBlock(chat) => self.chat(chat),
            Block::ChartBlock(chart) => self.chart(chart),
        }
    }

    fn table(&mut self, table: &TableBlock) {
        let TableBlock { columns, page_size, sort, .. } = table;
        self.count("columns", columns.len());
        self.part(*page_size, sort.as_deref());
    }

    fn column(&mut self, column: &Column) {
        self.expect(is_name(&column.field), "field", NAME_RULE);
        self.title("title", column.title.as_deref());
    }

    fn cards(&mut self, cards: &CardsBlock) {
        let CardsBlock { heading, text, image, page_size, sort, .. } = cards;
        self.template("heading", Some(heading));
        self.template("text", text.as_ref());
        self.template("image", image.as_ref());
        let is_address = |image: &Text| {
            ["https://", "/", "data:image/", "{{"].iter().any(|start| image.source().starts_with(start))
        };
        let rule = "must begin with \"https://\", \"/\", \"data:image/\" or \"{{\"";
        self.expect(image.as_ref().is_none_or(is_address), "image", rule);
        self.part(*page_size, sort.as_deref());
    }

    fn form(&mut self, form: &FormBlock) {
        self.count("fields", form.fields.len());
        self.title("submit", form.submit.as_deref());
        self.template("done", form.done.as_ref());
        let (mut names, mut twice) = (HashSet::new(), HashSet::new());
        for Field { field, .. } in &form.fields {
            let is_told = names.insert(field) || !twice.insert(field);
            self.expect(is_told, "fields", format!("there are two with the name {field:?}"));
        }
    }

    fn field(&mut self, field: &Field) {
        let Field { field, label, kind, options, value, .. } = field;
        self.expect(is_name(field), "field", NAME_RULE);
        self.title("label", label.as_deref());
        self.template("value", value.as_ref());
        self.count("options", options.len());
        let has_options = !options.is_empty();
        match kind {
            FieldKind::Select => self.expect(has_options, "options", "is missing: what can be chosen?"),
            _ => self.expect(!has_options, "options", "is only for the kind \"select\""),
        }
        for (option, text) in options.iter().enumerate() {
            self.title(&format!("options[{option}]"), Some(text));
        }
        let is_known = *kind != FieldKind::Hidden || value.is_some();
        self.expect(is_known, "value", "is missing: nobody can fill in a hidden field");
    }

    fn chat(&mut self, chat: &ChatBlock) {
        let ChatBlock { text, author, time, .. } = chat;
        for (name, field) in [("text", text), ("author", author), ("time", time)] {
            self.expect(field.as_deref().is_none_or(is_name), name, NAME_RULE);
        }
    }

    fn chart(&mut self, chart: &ChartBlock) {
        let ChartBlock { x, y, sort, .. } = chart;
        self.expect(is_name(x), "x", NAME_RULE);
        self.count("y", y.len());
        self.expect(!y.is_empty(), "y", "is empty");
        for (index, field) in y.iter().enumerate() {
            self.expect(is_name(field), &format!("y[{index}]"), NAME_RULE);
        }
        self.sort(sort.as_deref());
    }

    /// Which part of a list is shown.
    fn part(&mut self, page_size: Option<u32>, sort: Option<&str>) {
        let is_size = page_size.is_none_or(|size| (1..=PAGE_SIZE_MAX).contains(&size));
        self.expect(is_size, "page_size", format!("must be 1 to {PAGE_SIZE_MAX}"));
        self.sort(sort);
    }

    fn sort(&mut self, sort: Option<&str>) {
        let rule = "must be fields, each with its direction if it isn't \"asc\": \"total,desc,status\"";
        self.expect(sort.is_none_or(is_sort), "sort", rule);
    }

    fn endpoint(&mut self, field: &str, endpoint: &str) {
        let parts = endpoint.split_once('/');
        let is_one = parts.is_some_and(|(structure, method)| is_name(structure) && is_method(method));
        self.expect(is_one, field, "must be a structure and a method: \"orders/open\"");
    }

    fn template(&mut self, field: &str, template: Option<&Text>) {
        if let Some(Err(error)) = template.map(Text::compiled) {
            self.expect(false, field, error.to_string());
        }
    }

    fn title(&mut self, field: &str, title: Option<&str>) {
        self.expect(title.is_none_or(is_title), field, title_rule());
    }

    fn count(&mut self, field: &str, count: usize) {
        let most = self.limits.fields_max;
        self.expect(count <= most, field, format!("can't be more than {most} (limits.page_fields_max)"));
    }
}

/// Fields with commas between them, each followed by its direction or not.
fn is_sort(sort: &str) -> bool {
    let mut fields = 0;
    let mut may_be_direction = false;
    for word in sort.split(',').map(str::trim) {
        if may_be_direction && matches!(word, "asc" | "desc") {
            may_be_direction = false;
            continue;
        }
        fields += 1;
        may_be_direction = true;
        if !is_name(word) {
            return false;
        }
    }
    fields <= SORT_MAX
}
