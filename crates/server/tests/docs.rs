//! The documentation against the program: settings, metrics, events, codes, commands and links. It knows where the
//! tables are and nothing of what the sentences say.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn campanile() -> Command {
    Command::new(env!("CARGO_BIN_EXE_campanile"))
}

/// The part of a page from a heading to the next one that isn't below it.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let start = page.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no heading {heading:?}")) + 1;
    let level = heading.chars().take_while(|c| *c == '#').count();
    let is_end = |line: &str| (1..=level).any(|level| line.starts_with(&format!("{} ", "#".repeat(level))));
    let body = &page[start + heading.len()..];
    let length: usize = body.split_inclusive('\n').take_while(|line| !is_end(line)).map(str::len).sum();
    &body[..length]
}

/// The first two cells of all table rows whose first cell is code, without their backticks.
fn rows(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        Some((cells.next()?.trim_end_matches('`'), cells.next()?.trim_matches('`')))
    })
}

/// The texts in backticks.
fn code(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The quoted text that follows each `mark`.
fn quoted_after<'a>(source: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    source.split(mark).skip(1).filter_map(|rest| rest.strip_prefix('"')?.split('"').next())
}

/// Every Markdown file of the repository.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    collect_pages(&root(), &mut pages).expect("the repository can be read");
    assert!(pages.len() > 5, "{pages:?}");
    pages
}

fn collect_pages(folder: &Path, pages: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_foreign = ["node_modules", "target", "corpus"].contains(&&*name) || name.starts_with('.');
        if is_foreign {
            continue;
        }
        if path.is_dir() {
            collect_pages(&path, pages)?;
        } else if name.ends_with(".md") {
            pages.push(path);
        }
    }
    Ok(())
}

/// The fenced blocks of a page: what stands behind the opening fence, and the lines.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    let mut is_inside = false;
    for line in page.split_inclusive('\n') {
        match (line.strip_prefix("```"), blocks.last_mut()) {
            (Some(info), _) => {
                is_inside = !is_inside;
                blocks.extend(is_inside.then(|| (info.trim_end(), String::new())));
            }
            (None, Some((_, text))) if is_inside => text.push_str(line),
            _ => {}
        }
    }
    assert!(!is_inside, "a fence isn't closed");
    blocks
}

/// Every key, and its default as TOML.
fn settings() -> BTreeMap<String, String> {
    let default = campanile().args(["config", "default"]).output().expect("the binary runs").stdout;
    let default = String::from_utf8_lossy(&default).parse().expect("the default file is TOML");
    let mut settings = BTreeMap::new();
    flatten("", &default, &mut settings);
    settings
}

fn flatten(prefix: &str, table: &toml::Table, into: &mut BTreeMap<String, String>) {
    for (name, value) in table {
        match value {
            toml::Value::Table(inner) => flatten(&format!("{prefix}{name}."), inner, into),
            value => drop(into.insert(format!("{prefix}{name}"), value.to_string())),
        }
    }
}

#[test]
fn every_setting_is_listed_with_its_default() {
    let page = read("docs/operations.md");
    let listed = rows(section(&page, "## Every setting"));
    let listed: BTreeMap<String, String> =
        listed.map(|(key, default)| (key.into(), default.into())).collect();
    assert_eq!(listed, settings());
}

#[test]
fn settings_that_are_mentioned_anywhere_exist() {
    let settings = settings();
    let is_in_table = |word: &str| {
        let tables = settings.keys().filter_map(|key| key.split_once('.')).map(|(table, _)| table);
        tables.into_iter().any(|table| word.strip_prefix(table).is_some_and(|rest| rest.starts_with('.')))
    };
    let is_key = |word: &str| {
        let is_file = word.ends_with(".rs") || word.ends_with(".js");
        is_in_table(word) && !is_file && word.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c))
    };
    for page in pages() {
        for word in code(&read(&page)).into_iter().filter(|word| is_key(word)) {
            assert!(settings.contains_key(word), "{}: there is no setting {word:?}", page.display());
        }
    }
}

/// A hub that runs until it is dropped.
struct Hub {
    process: Child,
    address: String,
    _data: tempfile::TempDir,
}

impl Hub {
    fn start() -> Self {
        let data = tempfile::tempdir().expect("the system has a folder for temporary files");
        let mut process = campanile()
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let banner = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut lines = banner.lines().map_while(Result::ok);
        let address = lines.find_map(|line| Some(line.strip_prefix("listening on http://")?.to_owned()));
        Self { process, address: address.expect("the hub says where it listens"), _data: data }
    }

    fn get(&self, path: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // It may have ended by itself, which the test will have noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const HISTOGRAM: &str = "campanile_bridge_request_duration_seconds";

/// The names of the metrics in a scrape, and the reasons that they come with.
fn names_and_reasons(scrape: &str) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let (mut names, mut reasons) = (BTreeSet::new(), BTreeSet::new());
    for sample in scrape.lines().filter(|line| line.starts_with("campanile_")) {
        let name = sample.split(['{', ' ']).next().unwrap_or_default();
        names.insert(if name.starts_with(HISTOGRAM) { HISTOGRAM } else { name });
        reasons.extend(quoted_after(sample, "{reason="));
    }
    (names, reasons)
}

#[test]
fn every_metric_is_explained() {
    let page = read("docs/operations.md");
    let listed = rows(section(&page, "## Metrics")).map(|(name, _)| name);
    let listed: (BTreeSet<_>, BTreeSet<_>) = listed.partition(|name| name.starts_with("campanile_"));
    let scrape = Hub::start().get("/metrics").unwrap();
    assert_eq!(listed, names_and_reasons(&scrape));
}

#[test]
fn every_event_of_the_bridge_is_described() {
    let source = read("crates/platform/src/bridge/events.rs");
    let (_, table) = source.split_once("const EVENTS").unwrap();
    let (table, _) = table.split_once("];").unwrap();
    let accepted: BTreeSet<_> = quoted_after(table, "(").collect();
    let emitted: BTreeSet<_> = quoted_after(&source, "&str = ").collect();
    assert!(accepted.len() > 5 && emitted.len() > 4, "the tables moved: {accepted:?} {emitted:?}");

    let page = read("docs/bridge.md");
    for (heading, events) in [("## Events that you send", accepted), ("## Events that you receive", emitted)]
    {
        let headings = section(&page, heading).lines().filter(|line| line.starts_with("### "));
        assert_eq!(headings.flat_map(code).collect::<BTreeSet<_>>(), events, "{heading}");
    }
}

#[test]
fn every_error_code_is_explained() {
    let page = read("docs/bridge.md");
    let errors = read("crates/platform/src/bridge/error.rs");
    let codes: BTreeSet<_> = quoted_after(&errors, " => ").collect();
    let listed: BTreeSet<_> = rows(section(&page, "## Error codes")).map(|(code, _)| code).collect();
    assert_eq!(listed, codes);

    let push = read("docs/push.md");
    let errors = read("crates/platform/src/accounts/error.rs");
    let of_accounts = quoted_after(&errors, " => ");
    let data = read("docs/data.md");
    let mut over_http = code(section(&push, "## Error codes"));
    over_http.extend(code(section(&data, "## Error codes")));
    let scenarios = read("docs/scenarios.md");
    over_http.extend(code(section(&scenarios, "## Runs")));
    let of_pages = read("docs/pages.md");
    over_http.extend(code(section(&of_pages, "## HTTP API")));
    for code in of_accounts {
        assert!(
            over_http.contains(code),
            "none of docs/push.md, data.md, scenarios.md, pages.md knows the code {code:?}"
        );
    }
    over_http.extend(code(section(&page, "### When it fails")));
    for code in codes_of_problems() {
        assert!(over_http.contains(&*code), "the documentation doesn't know the code {code:?}");
    }
}

#[test]
fn every_failure_of_an_outgoing_request_is_explained() {
    let source = read("crates/server/src/outgoing/failure.rs");
    let (_, list) = source.split_once("const CODES").unwrap();
    let (list, makers) = list.split_once("];").unwrap();
    let codes: BTreeSet<_> = list.split('"').skip(1).step_by(2).collect();
    let page = read("docs/operations.md");
    let listed: BTreeMap<_, _> = rows(section(&page, "## Outgoing requests")).collect();
    assert_eq!(listed.keys().copied().collect::<BTreeSet<_>>(), codes);

    for (kind, may_pass) in [("Failure::new(", "no"), ("Failure::transient(", "yes")] {
        for code in quoted_after(makers, kind) {
            assert_eq!(listed.get(code), Some(&may_pass), "{code}");
        }
    }
}

/// The codes that the HTTP API has of its own.
fn codes_of_problems() -> BTreeSet<String> {
    let sources = fs::read_dir(root().join("crates/server/src/api")).expect("the API has a folder");
    let sources =
        sources.map(|file| file.expect("it can be read").path()).chain(["crates/server/src/api.rs".into()]);
    let mut codes = BTreeSet::new();
    for source in sources.map(read) {
        let problems = source.split("new(StatusCode::").skip(1);
        let found = problems.filter_map(|problem| problem.split_once(", \"")?.1.split('"').next());
        codes.extend(found.map(str::to_owned));
    }
    assert!(codes.len() > 4, "the codes moved");
    codes
}

#[test]
fn the_description_of_the_api_knows_every_error_code() {
    let description: serde_json::Value = serde_json::from_str(&read("docs/openapi.json")).unwrap();
    let known = description["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array();
    let known: BTreeSet<String> =
        known.unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    let mut codes = codes_of_problems();
    for errors in ["crates/platform/src/bridge/error.rs", "crates/platform/src/accounts/error.rs"] {
        codes.extend(quoted_after(&read(errors), " => ").map(str::to_owned));
    }
    assert_eq!(known, codes);
}

#[test]
fn configuration_examples_are_valid() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("campanile.toml");
    for page in pages() {
        for (_, example) in blocks(&read(&page)).into_iter().filter(|(info, _)| *info == "toml") {
            fs::write(&file, &example).unwrap();
            let check = campanile().args(["config", "check"]).arg(&file).output().unwrap();
            let error = String::from_utf8_lossy(&check.stderr);
            // The certificates of an example aren't on this machine; everything else of it must be right.
            let is_fine = check.status.success() || error.contains("\"tls.certificate\" \"/etc/");
            assert!(is_fine, "{}: {error}\n{example}", page.display());
        }
    }
}

#[test]
fn commands_name_what_exists() {
    let makefile = read("Makefile");
    let rules = makefile.lines().filter(|line| !line.starts_with(['\t', '#', '.']));
    let targets: BTreeSet<_> = rules.filter_map(|line| Some(line.split_once(':')?.0)).collect();
    for page in pages() {
        let text = read(&page);
        let shell = blocks(&text).into_iter().filter(|(info, _)| *info == "sh").map(|(_, lines)| lines);
        let commands: String = shell.chain(code(&text).into_iter().map(|code| format!("{code}\n"))).collect();
        for target in commands.lines().filter_map(|line| line.strip_prefix("make ")?.split(' ').next()) {
            assert!(targets.contains(target), "{}: there is no `make {target}`", page.display());
        }
        let is_file = |word: &&str| word.starts_with("examples/") || word.starts_with("e2e/");
        for path in commands.split_whitespace().filter(is_file) {
            assert!(root().join(path).exists(), "{}: there is no {path}", page.display());
        }
    }
}

/// The lines of a block that are typed, each with what is printed below it.
fn dialogue(block: &str) -> Vec<(&str, String)> {
    let mut dialogue: Vec<(&str, String)> = Vec::new();
    for line in block.split_inclusive('\n') {
        match (line.strip_prefix("$ "), dialogue.last_mut()) {
            (Some(typed), _) => dialogue.push((typed.trim_end(), String::new())),
            (None, Some((_, printed))) => printed.push_str(line),
            (None, None) => panic!("nothing was typed before {line:?}"),
        }
    }
    dialogue
}

#[test]
fn commands_print_what_pages_show() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root().join("examples"), folder.path().join("examples")).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_campanile")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut shown = 0;
    for page in pages() {
        for (_, block) in blocks(&read(&page)).into_iter().filter(|(info, _)| *info == "console") {
            for (typed, printed) in dialogue(&block) {
                let mut shell = Command::new("sh");
                shell.current_dir(&folder).env("PATH", &path).args(["-c", &format!("{typed} 2>&1")]);
                let output = shell.output().unwrap().stdout;
                assert_eq!(String::from_utf8(output).unwrap(), printed, "{}: {typed}", page.display());
                shown += 1;
            }
        }
    }
    assert!(shown > 4, "the blocks moved");
}

/// The word for what kind a schema of a trigger or a step is.
fn word(schema: &serde_json::Value) -> &str {
    schema["properties"]["type"]["enum"][0].as_str().expect("each kind has a word")
}

/// The kinds of triggers or steps, each by its schema.
fn kinds<'a>(schema: &'a serde_json::Value, of: &str) -> Vec<&'a serde_json::Value> {
    let kinds = schema["$defs"][of]["oneOf"].as_array().expect("there are several kinds");
    let resolved = |kind: &'a serde_json::Value| match kind["$ref"].as_str() {
        Some(target) => schema.pointer(&target[1..]).expect("references lead somewhere"),
        None => kind,
    };
    kinds.iter().map(resolved).collect()
}

#[test]
fn every_trigger_and_step_is_described_with_its_members() {
    let schema: serde_json::Value = serde_json::from_str(&read("docs/scenario.schema.json")).unwrap();
    let page = read("docs/scenarios.md");
    let triggers = code(section(&page, "## Triggers"));
    for kind in kinds(&schema, "Trigger") {
        assert!(triggers.contains(word(kind)), "{}", word(kind));
    }
    let headings = section(&page, "## Steps").lines().filter_map(|line| line.strip_prefix("### "));
    let steps = kinds(&schema, "Step");
    assert_eq!(
        headings.collect::<BTreeSet<_>>(),
        steps.iter().map(|step| word(step)).collect::<BTreeSet<_>>()
    );
    for step in steps {
        let described = code(section(&page, &format!("### {}", word(step))));
        let members = step["properties"].as_object().unwrap().keys().map(String::as_str);
        for member in members.filter(|member| !["type", "name"].contains(member)) {
            assert!(described.contains(member), "{}: {member}", word(step));
        }
    }
}

#[test]
fn every_block_of_a_page_is_described_with_its_members() {
    let schema: serde_json::Value = serde_json::from_str(&read("docs/page.schema.json")).unwrap();
    let page = read("docs/pages.md");
    let headings = section(&page, "## Blocks").lines().filter_map(|line| line.strip_prefix("### "));
    let blocks = kinds(&schema, "PageBlock");
    assert_eq!(
        headings.collect::<BTreeSet<_>>(),
        blocks.iter().map(|block| word(block)).collect::<BTreeSet<_>>()
    );
    let of_all = rows(section(&page, "## Blocks")).map(|(member, _)| member).take(4).collect::<BTreeSet<_>>();
    assert_eq!(of_all, ["id", "title", "width", "refresh_on"].into());
    for block in blocks {
        let described = code(section(&page, &format!("### {}", word(block))));
        let mut members: BTreeSet<_> = block["properties"].as_object().unwrap().keys().collect();
        if word(block) == "form" {
            members.extend(schema["$defs"]["FormField"]["properties"].as_object().unwrap().keys());
        }
        for member in members.into_iter().filter(|member| *member != "type" && !of_all.contains(&***member)) {
            assert!(described.contains(&**member), "{}: {member}", word(block));
        }
    }
}

#[test]
fn every_way_in_which_a_step_fails_is_explained() {
    let page = read("docs/scenarios.md");
    let listed: BTreeSet<_> =
        rows(section(&page, "## When a step fails")).map(|(code, _)| code.to_owned()).collect();
    let engine =
        ["engine.rs", "engine/prepare.rs"].map(|file| read(format!("crates/platform/src/scenarios/{file}")));
    let codes: BTreeSet<_> =
        engine.iter().flat_map(|source| quoted_after(source, "Failure::new(")).map(str::to_owned).collect();
    assert!(codes.len() > 4 && codes.is_subset(&listed), "{codes:?} {listed:?}");
}

#[test]
fn scenarios_and_steps_in_pages_have_no_mistakes() {
    let page = read("docs/scenarios.md");
    let written = blocks(&page).into_iter().filter(|(info, _)| *info == "json").map(|(_, text)| text);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.json");
    let mut checked = 0;
    for text in written {
        let value: serde_json::Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let scenario = match value.get("steps") {
            Some(_) => value,
            None => serde_json::json!({"id": "x", "trigger": {"type": "scenario"}, "steps": [value]}),
        };
        fs::write(&file, scenario.to_string()).unwrap();
        let output = campanile().args(["scenario", "test", "--json"]).arg(&file).output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (&answer["mistakes"], &answer["warnings"]),
            (&serde_json::Value::Null, &serde_json::json!([])),
            "{text}"
        );
        checked += 1;
    }
    assert!(checked > 3, "the blocks moved");
}

/// The addresses of a page's links, code aside.
fn links(page: &str) -> Vec<&str> {
    let mut is_code = false;
    let prose = page.lines().filter(|line| {
        is_code ^= line.starts_with("```");
        !is_code
    });
    prose.flat_map(|line| line.split("](").skip(1).filter_map(|rest| rest.split(')').next())).collect()
}

/// The name that a heading has in an address.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn leads_somewhere(page: &Path, link: &str) -> bool {
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() { page.to_owned() } else { page.with_file_name(path) };
    if fragment.is_empty() || !target.exists() {
        return target.exists();
    }
    read(target).lines().any(|line| line.starts_with('#') && anchor(line) == fragment)
}

#[test]
fn relative_links_lead_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = read(&page);
        let relative =
            links(&text).into_iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:"));
        let wrong = relative.filter(|link| !leads_somewhere(&page, link));
        broken.extend(wrong.map(|link| format!("{}: {link}", page.display())));
    }
    assert_eq!(broken, [""; 0]);
}
