//! The document that a page is: its title, who may see it, and its blocks. Only its shape; what makes a document of this
//! shape a good one is in `validate`, and what a block looks like is up to whoever shows it.

use serde::Deserialize;
use utoipa::ToSchema;

use super::schema::{BlockId, Endpoint, PageField, Sort};
use crate::scenarios::written::Text;

/// A page.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PageDocument, examples(json!({
    "title": "Orders",
    "access": "users",
    "blocks": [
        { "type": "text", "text": "Hello **{{WebUser.id}}**" },
        {
            "type": "table", "endpoint": "orders/open", "refresh_on": ["orders"],
            "columns": [{ "field": "customer", "title": "Customer" }, { "field": "total" }],
        },
    ],
})))]
pub struct Document {
    /// Where an editor finds the schema of pages; it means nothing else.
    #[serde(default, rename = "$schema")]
    pub schema: Option<String>,
    /// What the browser shows as the page's title.
    pub title: String,
    /// Who may see it.
    #[serde(default)]
    pub access: Access,
    /// The language that it is written in, as in `en` or `pt-BR`; `en` if absent.
    #[serde(default)]
    pub lang: Option<String>,
    /// What is on it, from top to bottom.
    pub blocks: Vec<Block>,
}

/// Who may see a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PageAccess)]
pub enum Access {
    /// Whoever knows its address.
    #[default]
    Everyone,
    /// Users of the app, once they are logged in.
    Users,
}

/// Declares the kinds of blocks: for each its word in a document and its type. As a `literal` the word would reach the
/// derives in a wrapping that one of them doesn't look into.
macro_rules! blocks {
    ($($word:tt $kind:ident $about:literal;)*) => {
        /// A part of a page.
        #[derive(Clone, Debug, Deserialize, ToSchema)]
        #[serde(tag = "type")]
        #[schema(as = PageBlock)]
        pub enum Block {
            $(#[doc = $about] #[serde(rename = $word)] $kind($kind),)*
        }

        impl Block {
            /// What it has in common with blocks of every kind.
            pub(super) fn frame(&self) -> Frame<'_> {
                match self { $(Self::$kind(block) => block.frame(),)* }
            }
        }
    };
}

blocks! {
    "text" TextBlock "A text in Markdown.";
    "html" HtmlBlock "A piece of HTML.";
    "table" TableBlock "Objects in rows.";
    "cards" CardsBlock "Objects, each as a card.";
    "form" FormBlock "Fields that a visitor fills in and sends.";
    "chat" ChatBlock "Messages, and a line to write the next one.";
    "chart" ChartBlock "Numbers as a picture.";
}

/// What blocks of every kind have.
pub(super) struct Frame<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) title: Option<&'a str>,
    pub(super) width: Option<u32>,
    pub(super) refresh_on: &'a [String],
}

/// Declares a kind of block: its own fields, and those of every block.
macro_rules! block {
    ($about:literal $kind:ident { $($fields:tt)* }) => {
        #[doc = $about]
        #[derive(Clone, Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $kind {
            $($fields)*
            /// Its name for links to it, and for whoever edits the page.
            #[serde(default)]
            #[schema(value_type = Option<BlockId>)]
            pub id: Option<String>,
            /// What stands above it.
            #[serde(default)]
            pub title: Option<String>,
            /// How many of the page's twelve columns it takes; all if absent, and on narrow screens.
            #[serde(default)]
            pub width: Option<u32>,
            /// Names of events: when one of them is pushed, the content is fetched again.
            #[serde(default)]
            pub refresh_on: Vec<String>,
        }

        impl $kind {
            fn frame(&self) -> Frame<'_> {
                let Self { id, title, width, refresh_on, .. } = self;
                Frame { id: id.as_deref(), title: title.as_deref(), width: *width, refresh_on }
            }
        }
    };
}

block! { "A text in Markdown." TextBlock {
    /// Markdown. Values in it are `{{WebUser.id}}`, `{{HttpRequest.x}}` of the page's address, and fields of the first
    /// object that the endpoint shows.
    pub text: Text,
    /// Where the object comes from.
    #[serde(default)]
    #[schema(value_type = Option<Endpoint>)]
    pub endpoint: Option<String>,
} }

block! { "A piece of HTML." HtmlBlock {
    /// HTML, with values as in a text. Scripts, styles and forms are taken out.
    pub html: Text,
    /// Where the object comes from.
    #[serde(default)]
    #[schema(value_type = Option<Endpoint>)]
    pub endpoint: Option<String>,
} }

block! { "Objects in rows." TableBlock {
    /// Where the objects come from.
    #[schema(value_type = Endpoint)]
    pub endpoint: String,
    /// Which of their fields are shown.
    pub columns: Vec<Column>,
    /// Rows on one page; as the endpoint has it if absent.
    #[serde(default)]
    pub page_size: Option<u32>,
    /// Their order at first, as in `total,desc`.
    #[serde(default)]
    #[schema(value_type = Option<Sort>)]
    pub sort: Option<String>,
} }

/// A column of a table.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TableColumn)]
pub struct Column {
    /// The field that it shows.
    #[schema(value_type = PageField)]
    pub field: String,
    /// What stands above it; the field's name if absent.
    #[serde(default)]
    pub title: Option<String>,
}

block! { "Objects, each as a card." CardsBlock {
    /// Where the objects come from.
    #[schema(value_type = Endpoint)]
    pub endpoint: String,
    /// What stands above each, with its fields as values.
    pub heading: Text,
    /// Markdown, with its fields as values.
    #[serde(default)]
    pub text: Option<Text>,
    /// The address of a picture, with its fields as values.
    #[serde(default)]
    pub image: Option<Text>,
    /// Cards on one page; as the endpoint has it if absent.
    #[serde(default)]
    pub page_size: Option<u32>,
    /// Their order, as in `total,desc`.
    #[serde(default)]
    #[schema(value_type = Option<Sort>)]
    pub sort: Option<String>,
} }

block! { "Fields that a visitor fills in and sends." FormBlock {
    /// Where the object goes.
    #[schema(value_type = Endpoint)]
    pub endpoint: String,
    /// What is asked for.
    pub fields: Vec<Field>,
    /// What its button says; `Send` if absent.
    #[serde(default)]
    pub submit: Option<String>,
    /// Markdown that is shown once it is sent, with the answer's fields as values.
    #[serde(default)]
    pub done: Option<Text>,
} }

/// A field of a form.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormField)]
pub struct Field {
    /// The field of the object.
    #[schema(value_type = PageField)]
    pub field: String,
    /// What stands beside it; the field's name if absent.
    #[serde(default)]
    pub label: Option<String>,
    /// How it is asked for.
    #[serde(default)]
    pub kind: FieldKind,
    /// Whether it must be filled in.
    #[serde(default)]
    pub required: bool,
    /// What can be chosen, with the kind `select`.
    #[serde(default)]
    pub options: Vec<String>,
    /// What is in it at first.
    #[serde(default)]
    pub value: Option<Text>,
}

/// How a field of a form is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FormFieldKind)]
pub enum FieldKind {
    /// A line.
    #[default]
    Text,
    /// Several lines.
    Multiline,
    /// A number.
    Number,
    /// Yes or no.
    Checkbox,
    /// A day.
    Date,
    /// One of several.
    Select,
    /// Not at all: its value is sent along.
    Hidden,
}

block! { "Messages, and a line to write the next one." ChatBlock {
    /// Where the messages come from.
    #[schema(value_type = Endpoint)]
    pub read: String,
    /// Where the next one goes; without it nobody can write.
    #[serde(default)]
    #[schema(value_type = Option<Endpoint>)]
    pub write: Option<String>,
    /// The field with the text; `text` if absent.
    #[serde(default)]
    #[schema(value_type = Option<PageField>)]
    pub text: Option<String>,
    /// The field with the user who wrote it; `created_by` if absent, which nobody can forge.
    #[serde(default)]
    #[schema(value_type = Option<PageField>)]
    pub author: Option<String>,
    /// The field with the time; `created_at_ms` if absent.
    #[serde(default)]
    #[schema(value_type = Option<PageField>)]
    pub time: Option<String>,
} }

block! { "Numbers as a picture." ChartBlock {
    /// Where the objects come from.
    #[schema(value_type = Endpoint)]
    pub endpoint: String,
    /// What it looks like.
    #[serde(default)]
    pub kind: ChartKind,
    /// The field to the right: numbers, dates or texts.
    #[schema(value_type = PageField)]
    pub x: String,
    /// The fields upwards: numbers.
    #[schema(value_type = Vec<PageField>)]
    pub y: Vec<String>,
    /// The order of the objects, as in `day,asc`; by `x` if absent.
    #[serde(default)]
    #[schema(value_type = Option<Sort>)]
    pub sort: Option<String>,
} }

/// What a chart looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Lines.
    #[default]
    Line,
    /// Bars.
    Bar,
}

impl Block {
    /// The endpoints that it needs, each with the field that names it.
    pub(super) fn endpoints(&self) -> Vec<(&'static str, &str)> {
        let named = |endpoint| vec![("endpoint", endpoint)];
        match self {
            Self::TextBlock(TextBlock { endpoint, .. }) | Self::HtmlBlock(HtmlBlock { endpoint, .. }) => {
                endpoint.as_deref().map_or_else(Vec::new, named)
            }
            Self::TableBlock(table) => named(&table.endpoint),
            Self::CardsBlock(cards) => named(&cards.endpoint),
            Self::FormBlock(form) => named(&form.endpoint),
            Self::ChartBlock(chart) => named(&chart.endpoint),
            Self::ChatBlock(chat) => {
                let write = chat.write.as_deref().map(|write| ("write", write));
                [("read", &*chat.read)].into_iter().chain(write).collect()
            }
        }
    }
}

/// What a document may have at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentLimits {
    /// Bytes of the document, as compact JSON.
    pub bytes_max: usize,
    /// Blocks.
    pub blocks_max: usize,
    /// Columns, fields, options, events: whatever one block lists.
    pub fields_max: usize,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self { bytes_max: 256 * 1024, blocks_max: 100, fields_max: 100 }
    }
}
