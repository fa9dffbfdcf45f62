//! Packs what the binary serves as files: the stock Socket.IO client from npm, the front-end kit, and its own pages.
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

const BUNDLER: &str = "esbuild";
const KIT_SCRIPTS: [&str; 2] = ["campanile.js", "campanile.esm.js"];

const CLIENT: &str = "socket.io-client";
const CLIENT_BUNDLES: [&str; 4] =
    ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];

fn main() {
    let out = PathBuf::from(variable("OUT_DIR"));
    let root = Path::new(&variable("CARGO_MANIFEST_DIR")).join("../..");
    let (web, sdk) = (root.join("web"), root.join("sdk"));
    println!("cargo::rerun-if-changed=build.rs");
    rerun_if_changed(&web, &["package.json", "package-lock.json", "landing", "api"]);
    rerun_if_changed(&sdk, &["package.json", "package-lock.json", "build.mjs", "src"]);

    install(&web, CLIENT);
    let dist = web.join("node_modules").join(CLIENT).join("dist");
    pack(&out, "client_bundle", with_source_maps(&dist, &CLIENT_BUNDLES));

    install(&sdk, BUNDLER);
    let scripts = out.join("kit");
    run(Command::new("node").arg("build.mjs").arg(&scripts).current_dir(&sdk), "build the front-end kit");
    pack(&out, "sdk", with_source_maps(&scripts, &KIT_SCRIPTS));

    for page in ["landing", "api"] {
        pack(&out, page, loaded_by(&web.join(page)));
    }
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
    let entries = fs::read_dir(folder).expect("each page has a folder in web");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension != "html"));
    files.sort();
    files
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name} for build scripts"))
}

/// Installs the packages of a folder, unless this one is there in the version of the lockfile.
fn install(folder: &Path, package: &str) {
    if installed_version(folder, package) != locked_version(folder, package) {
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(Command::new("npm").args(arguments).current_dir(folder), "install npm packages");
    }
}

fn installed_version(folder: &Path, package: &str) -> Option<String> {
    let manifest = folder.join("node_modules").join(package).join("package.json");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest).ok()?).ok()?;
    manifest["version"].as_str().map(str::to_owned)
}

fn locked_version(folder: &Path, package: &str) -> Option<String> {
    let lock = fs::read(folder.join("package-lock.json")).expect("the lockfile is part of the repository");
    let lock: serde_json::Value = serde_json::from_slice(&lock).expect("the lockfile is JSON");
    lock["packages"][format!("node_modules/{package}")]["version"].as_str().map(str::to_owned)
}

/// Runs a program of Node.js, which only the build needs.
fn run(command: &mut Command, purpose: &str) {
    let folder = command.get_current_dir().unwrap_or(Path::new(".")).display().to_string();
    match command.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => fail(&format!(
            "cannot {purpose} in {folder}: {command:?} failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => fail(&format!(
            "cannot {purpose} in {folder}: {:?} cannot be run ({error}). Install Node.js 20 or newer, which \
             brings npm. Without a network, run `npm ci --ignore-scripts` there on another machine and copy node_modules",
            command.get_program()
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
