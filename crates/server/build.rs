//! Packs what the binary serves as files: the stock Socket.IO client from npm, and its own pages.
//!
//! For each of them a Rust file with a list of assets is written to `OUT_DIR`: contents, gzip of the contents,
//! content type and entity tag. Nothing that npm brings is committed; its lockfile says what it is.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::GzEncoder};
use sha1::{Digest, Sha1};

const CLIENT: &str = "socket.io-client";
const CLIENT_BUNDLES: [&str; 4] =
    ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];

fn main() {
    let out = PathBuf::from(variable("OUT_DIR"));
    let web = Path::new(&variable("CARGO_MANIFEST_DIR")).join("../../web");
    println!("cargo::rerun-if-changed=build.rs");
    for file in ["package.json", "package-lock.json", "landing", "api"] {
        println!("cargo::rerun-if-changed={}", web.join(file).display());
    }

    if installed_version(&web) != locked_version(&web) {
        install_packages(&web);
    }
    let dist = web.join("node_modules").join(CLIENT).join("dist");
    let bundles = CLIENT_BUNDLES.iter().flat_map(|name| [dist.join(name), dist.join(format!("{name}.map"))]);
    pack(&out, "client_bundle", bundles.collect());

    for page in ["landing", "api"] {
        pack(&out, page, loaded_by(&web.join(page)));
    }
}

/// The files of a page but for the page itself, which is answered with headers of its own.
fn loaded_by(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("each page has a folder in web");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension != "html"));
    files.sort();
    files
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name} for build scripts"))
}

fn installed_version(web: &Path) -> Option<String> {
    let manifest = web.join("node_modules").join(CLIENT).join("package.json");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest).ok()?).ok()?;
    manifest["version"].as_str().map(str::to_owned)
}

fn locked_version(web: &Path) -> Option<String> {
    let lock =
        fs::read(web.join("package-lock.json")).expect("web/package-lock.json is part of the repository");
    let lock: serde_json::Value = serde_json::from_slice(&lock).expect("web/package-lock.json is JSON");
    lock["packages"][format!("node_modules/{CLIENT}")]["version"].as_str().map(str::to_owned)
}

fn install_packages(web: &Path) {
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(web)
        .output();
    match npm {
        Ok(output) if output.status.success() => {}
        Ok(output) => fail(&format!(
            "`npm ci --ignore-scripts` in web/ failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => fail(&format!(
            "the Socket.IO client that the binary serves comes from npm, and `npm` cannot be run ({error}). Install \
             Node.js 20 or newer, or run `npm ci --ignore-scripts` in web/ on another machine and copy node_modules"
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
        Some("svg") => "image/svg+xml",
        _ => fail(&format!("{name}: no content type is known for it")),
    }
}
