//! Packs what the binary serves as files: the stock Socket.IO client from npm, its own pages, and what is built with npm from
//! the repository: the front-end kit, the console, and what shows the pages of apps.
//!
//! For each of them a Rust file with a list of assets is written to `OUT_DIR`: contents, gzip of the contents,
//! content type and entity tag. Nothing that npm brings is committed; lockfiles say what it is.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::GzEncoder};
use sha1::{Digest, Sha1};

const CLIENT_BUNDLES: [&str; 4] =
    ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];

const KIT_SCRIPTS: [&str; 2] = ["campanile.js", "campanile.esm.js"];

/// What the kit is made of.
const KIT_INPUTS: [&str; 4] = ["package.json", "package-lock.json", "build.mjs", "src"];

/// What the console is made of. The types of the API are only checked, and don't change what is built.
const CONSOLE_INPUTS: [&str; 6] =
    ["index.html", "package.json", "package-lock.json", "vite.config.ts", "budget.ts", "src"];

/// What shows the pages of apps is made of; of the kit it takes the sources.
const PAGES_INPUTS: [&str; 7] =
    ["index.html", "absent.html", "package.json", "package-lock.json", "build.mjs", "src", "../../sdk/src"];

fn main() {
    let out = PathBuf::from(variable("OUT_DIR"));
    let root = Path::new(&variable("CARGO_MANIFEST_DIR")).join("../..");
    let (web, kit, console, pages) =
        (root.join("web"), root.join("sdk"), root.join("web/console"), root.join("web/pages"));
    println!("cargo::rerun-if-changed=build.rs");

    // What npm has installed is packed from where it is.
    rerun_if_changed(
        &web,
        &["package.json", "package-lock.json", "landing", "api", "playground", "node_modules/.stamp"],
    );
    install_what_is_locked(&web);
    let dist = web.join("node_modules/socket.io-client/dist");
    pack(&out, "client_bundle", with_source_maps(&dist, &CLIENT_BUNDLES));
    for page in ["landing", "api", "playground"] {
        pack(&out, page, loaded_by(&web.join(page)));
    }

    let built = build(&out, "kit", &kit, &KIT_INPUTS, |into| vec!["run", "scripts", "--", into]);
    pack(&out, "sdk", with_source_maps(&built, &KIT_SCRIPTS));

    let built = build(&out, "console", &console, &CONSOLE_INPUTS, |into| {
        vec!["run", "build", "--", "--outDir", into, "--emptyOutDir"]
    });
    pack(&out, "console", loaded_by(&built.join("assets")));

    let built = build(&out, "pages", &pages, &PAGES_INPUTS, |into| vec!["run", "build", "--", into]);
    pack(&out, "pages", loaded_by(&built.join("assets")));
}

fn rerun_if_changed(folder: &Path, files: &[&str]) {
    for file in files {
        println!("cargo::rerun-if-changed={}", folder.join(file).display());
    }
}

fn with_source_maps(folder: &Path, names: &[&str]) -> Vec<PathBuf> {
    names.iter().flat_map(|name| [folder.join(name), folder.join(format!("{name}.map"))]).collect()
}

/// The files of a page but for the page itself, which is answered with headers of its own.
fn loaded_by(folder: &Path) -> Vec<PathBuf> {
    let mut files = files_in(folder);
    files.retain(|path| path.extension().is_some_and(|extension| extension != "html"));
    files
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| fail(&format!("{}: {error}", folder.display())));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.sort();
    files
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name} for build scripts"))
}

/// Builds something with npm, unless what it is made of is what it was built from last. Returns the folder that it is in.
fn build(
    out: &Path,
    name: &str,
    folder: &Path,
    inputs: &[&str],
    command: impl Fn(&str) -> Vec<&str>,
) -> PathBuf {
    rerun_if_changed(folder, inputs);
    let mut digest = Sha1::new();
    inputs.iter().for_each(|input| digest_all(&mut digest, &folder.join(input)));
    let (built, digest) = (out.join(format!("{name}-built")), format!("{:x}", digest.finalize()));
    let stamp = out.join(format!("{name}.stamp"));
    if fs::read_to_string(&stamp).is_ok_and(|former| former == digest) {
        return built;
    }
    install_what_is_locked(folder);
    let into = built.to_str().expect("OUT_DIR is Unicode, as it is included from Rust");
    npm(folder, &command(into));
    fs::write(stamp, digest).expect("OUT_DIR is writable");
    built
}

fn digest_all(digest: &mut Sha1, path: &Path) {
    if path.is_dir() {
        files_in(path).iter().for_each(|file| digest_all(digest, file));
        return;
    }
    let contents = fs::read(path).unwrap_or_else(|error| fail(&format!("{}: {error}", path.display())));
    digest.update(path.as_os_str().as_encoded_bytes());
    digest.update((contents.len() as u64).to_le_bytes());
    digest.update(contents);
}

/// A copy of the lockfile lies beside what was installed from it: where they agree there is nothing to do.
fn install_what_is_locked(folder: &Path) {
    let (lock, stamp) = (folder.join("package-lock.json"), folder.join("node_modules/.stamp"));
    let is_installed = fs::read(&stamp).is_ok_and(|former| fs::read(&lock).is_ok_and(|lock| lock == former));
    if !is_installed {
        npm(folder, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        fs::copy(lock, stamp).expect("npm has made the folder");
    }
}

fn npm(folder: &Path, arguments: &[&str]) {
    let command = format!("`npm {}` in {}", arguments.join(" "), folder.display());
    match Command::new("npm").args(arguments).current_dir(folder).output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => fail(&format!(
            "{command} failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => fail(&format!(
            "what the binary serves to browsers is built with npm, and {command} cannot be run ({error}). Install \
             Node.js 20 or newer, which brings it"
        )),
    }
}

/// Ends the build with one message instead of a backtrace.
fn fail(why: &str) -> ! {
    println!("cargo::error={}", why.replace('\n', " "));
    std::process::exit(1)
}

/// Writes `OUT_DIR/{list}.rs`, an array expression of assets, and the compressed files beside it.
fn pack(out: &Path, list: &str, files: Vec<PathBuf>) {
    let folder = out.join(list);
    fs::create_dir_all(&folder).expect("OUT_DIR is writable");
    let assets: String = files.iter().map(|file| asset(&folder, file)).collect();
    fs::write(out.join(format!("{list}.rs")), format!("&[{assets}]")).expect("OUT_DIR is writable");
}

fn asset(folder: &Path, file: &Path) -> String {
    let name = file.file_name().and_then(|name| name.to_str()).expect("asset names are ASCII");
    let contents = fs::read(file).unwrap_or_else(|error| fail(&format!("{}: {error}", file.display())));
    let zipped = folder.join(format!("{name}.gz"));
    fs::write(&zipped, gzip(&contents)).expect("OUT_DIR is writable");
    format!(
        "Asset {{ name: {name:?}, content_type: {:?}, tag: \"{:x}\", contents: include_bytes!({:?}), gzip: include_bytes!({:?}) }},",
        content_type(name),
        Sha1::digest(&contents),
        fs::canonicalize(file).expect("the file was just read"),
        zipped,
    )
}

fn gzip(contents: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(contents).and_then(|()| encoder.finish()).expect("memory can be written to")
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("map") => "application/json; charset=utf-8",
        Some("md") => "text/markdown; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => fail(&format!("{name}: no content type is known for it")),
    }
}
