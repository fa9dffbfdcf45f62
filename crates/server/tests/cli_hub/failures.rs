//! What goes wrong between a command and a hub: nobody there, somebody else there, a token or a certificate that is
//! refused.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::mpsc,
    thread,
};

use serde_json::json;

use crate::hub::{Hub, campanile, failure, folder, stdout, text};

/// Answers the requests of a connection with these bytes, one after another, and tells what was asked.
fn stub(answers: Vec<String>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    let (asked, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("somebody connects");
            for answer in &answers {
                // Whoever asked may have seen enough.
                let _ = asked.send(head(&mut stream));
                let _ = stream.write_all(answer.as_bytes());
            }
        }
    });
    (address, requests)
}

fn head(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8(head).expect("requests are text")
}

#[test]
fn who_isnt_there_or_isnt_a_hub_is_told_so() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{free}");
    let list = |url: &str| campanile().args(["app", "list", "--url", url]).output().unwrap();
    let expected =
        format!("nobody answers at {nobody}: start the hub with `campanile serve`, or name it with --url");
    assert_eq!(failure(&list(&nobody), 3), expected);
    let by_environment = campanile().args(["app", "list"]).env("CAMPANILE_URL", &nobody).output().unwrap();
    assert_eq!(failure(&by_environment, 3), expected);

    for answer in [
        "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n<html",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<html",
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2p1\r\n",
    ] {
        let (address, _requests) = stub(vec![answer.to_owned()]);
        for format in [&[][..], &["--json"]] {
            let url = format!("http://{address}");
            let asked = campanile().args(["app", "list", "--url", &url]).args(format).output().unwrap();
            let told = failure(&asked, 3);
            assert!(told.contains(&url) && told.contains("as a hub does"), "{told}");
            assert_eq!(stdout(&asked), "");
        }
    }
    for url in ["127.0.0.1:4100", "ftp://127.0.0.1", "http://", ""] {
        assert!(failure(&list(url), 2).starts_with("--url "), "{url}");
    }
}

#[test]
fn whom_the_hub_doesnt_know_is_told_what_to_name() {
    let hub = Hub::start();
    let ask = |folder: &Path| {
        let asked =
            campanile().args(["app", "list", "--url", &hub.url, "--data-dir"]).arg(folder).output().unwrap();
        failure(&asked, 1).to_owned()
    };
    let folder = folder();
    let told = ask(folder.path());
    assert!(told.starts_with("unauthorized: "), "{told}");
    let file = folder.path().join("cli.token");
    let expected = format!(" (there is no {}: name the hub's data folder with --data-dir)", file.display());
    assert!(told.ends_with(&expected), "{told}");
    fs::write(&file, "cat_of_yesterday\n").unwrap();
    let told = ask(folder.path());
    let expected = format!(" ({} is of another hub or an earlier run: see --data-dir)", file.display());
    assert!(told.ends_with(&expected), "{told}");
    // The open bridge of the built-in app asks nobody who they are.
    let providers =
        campanile().args(["provider", "list", "--url", &hub.url]).current_dir(folder.path()).output();
    assert_eq!(stdout(&providers.unwrap()), "none\n");
}

/// A proxy sees what would go to a host elsewhere.
#[test]
fn the_token_of_this_machine_stays_here_unless_its_folder_is_named() {
    let problem = json!({ "code": "unauthorized", "detail": "who\u{1b}[31m are you?" }).to_string();
    let head = "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length:";
    let refusal = format!("{head} {}\r\n\r\n{problem}", problem.len());
    let (proxy, requests) = stub(vec!["HTTP/1.1 200 Connected\r\n\r\n".to_owned(), refusal]);
    let folder = folder();
    fs::write(folder.path().join("cli.token"), "cat_of_this_machine").unwrap();
    let ask = |rest: &[&str]| {
        let asked = campanile()
            .args(["app", "list", "--url", "http://hub.example:4100"])
            .args(rest)
            .env("CAMPANILE_DATA_DIR", folder.path())
            .env("ALL_PROXY", format!("http://{proxy}"))
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .output()
            .unwrap();
        assert!(requests.recv().unwrap().starts_with("CONNECT hub.example:4100 "));
        let request = requests.recv().unwrap().to_ascii_lowercase();
        assert!(request.starts_with("get /api/v1/apps "), "{request}");
        (request.contains("authorization: bearer cat_of_this_machine"), asked)
    };
    let (shown, asked) = ask(&[]);
    assert!(!shown);
    let expected = "unauthorized: who\u{fffd}[31m are you? (say who you are with --token)";
    assert_eq!(failure(&asked, 1), expected);
    let (shown, _) = ask(&["--data-dir", folder.path().to_str().unwrap()]);
    assert!(shown);
}

#[test]
fn a_hub_with_a_certificate_of_its_own_can_be_trusted() {
    let folder = folder();
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("hub.pem"), folder.path().join("hub.key"));
    fs::write(&certificate, own.cert.pem()).unwrap();
    fs::write(&key, own.signing_key.serialize_pem()).unwrap();
    let file = folder.path().join("campanile.toml");
    let config = format!("[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n");
    fs::write(&file, config).unwrap();
    let hub = Hub::start_in(crate::hub::folder(), &["serve", "--config", file.to_str().unwrap()]);
    let url = hub.url.replace("127.0.0.1", "localhost");
    let ask = |rest: &[&str]| {
        let mut asking = campanile();
        asking
            .args(["app", "list", "--url", &url, "--data-dir"])
            .arg(hub.data.path())
            .args(rest)
            .output()
            .unwrap()
    };
    let trusting = ask(&["--ca", certificate.to_str().unwrap()]);
    assert!(stdout(&trusting).starts_with("id "), "{}", text(&trusting.stderr));
    // Of what else is trusted, nothing vouches for it.
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let others = folder.path().join("other.pem");
    fs::write(&others, other.cert.pem()).unwrap();
    let told = ask(&["--ca", others.to_str().unwrap()]);
    assert!(failure(&told, 3).starts_with(&format!("no safe connection to {url}: ")));
    assert!(failure(&told, 3).ends_with("; name certificates to trust with --ca"));
    assert!(failure(&ask(&["--ca", key.to_str().unwrap()]), 2).ends_with("there is no certificate in it"));
    assert!(failure(&ask(&["--ca", "no-such.pem"]), 2).starts_with("--ca no-such.pem: cannot be read"));
}
