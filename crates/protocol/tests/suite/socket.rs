//! Socket.IO packets: validation by kind, and encode to decode.

use campanile_protocol::json::JsonError;
use campanile_protocol::socket::*;
use proptest::prelude::*;

const LIMITS: Limits = Limits { attachments_max: 10, json_depth_max: 8 };

fn read(text: &str) -> Result<Packet<'_>, Error> {
    decode(text, &LIMITS)
}

#[track_caller]
fn assert_invalid(texts: &[&str], error: Error) {
    for text in texts {
        assert_eq!(read(text), Err(error), "{text}");
    }
}

fn body(frame: &campanile_protocol::Frame) -> &str {
    std::str::from_utf8(frame.body()).expect("text frames are UTF-8")
}

#[test]
fn namespaces() {
    for (text, namespace, data) in [
        ("0", "/", ""),
        ("0{}", "/", "{}"),
        ("0/nsp", "/nsp", ""),
        ("0/nsp,", "/nsp", ""),
        ("0/nsp,{\"a\":1}", "/nsp", "{\"a\":1}"),
        ("0/nsp?x=1,{}", "/nsp?x=1", "{}"),
        ("0/nsp?x=1", "/nsp?x=1", ""),
        ("0/é/2,{}", "/é/2", "{}"),
        ("0/,{}", "/", "{}"),
        ("0/?a,", "/?a", ""),
    ] {
        let packet = read(text).unwrap();
        assert_eq!((packet.kind, packet.namespace, packet.data), (Kind::Connect, namespace, data), "{text}");
    }
}

#[test]
fn connect_takes_an_object_or_nothing() {
    assert_invalid(
        &["0null", "0[]", "0\"a\"", "01.5", "0x", "0 ", "0{}x", "0/nsp,1.5", "0{} {}"],
        Error::InvalidPayload,
    );
    assert_invalid(&["0{", "0{]", "0{\"a\":}"], Error::Json(JsonError::Syntax));
}

#[test]
fn disconnect_takes_nothing() {
    assert_eq!(read("1").unwrap().kind, Kind::Disconnect);
    assert_eq!(read("1/nsp,").unwrap().namespace, "/nsp");
    assert_invalid(&["1{}", "1[]", "1null", "1 ", "1/nsp,\"a\""], Error::InvalidPayload);
}

#[test]
fn connect_error_takes_an_object_or_a_string() {
    assert_eq!(read("4{\"message\":\"no\"}").unwrap().kind, Kind::ConnectError);
    assert_eq!(read("4/nsp,\"no\"").unwrap().data, "\"no\"");
    assert_invalid(&["4", "4[]", "4null", "4\"no\"x"], Error::InvalidPayload);
}

#[test]
fn events() {
    let packet = read("2/nsp,12[\"a\", {\"b\":[1]} ,3]").unwrap();
    assert_eq!((packet.kind, packet.namespace, packet.id), (Kind::Event, "/nsp", Some(12)));
    assert_eq!((packet.attachments, packet.items.as_slice()), (0, &["\"a\"", "{\"b\":[1]}", "3"][..]));
    assert_eq!(packet.data, "[\"a\", {\"b\":[1]} ,3]");
    assert_eq!(read("2[1]").unwrap().items.as_slice(), ["1"]);
    assert_eq!(read("2 [-1.5] ").unwrap().data, "[-1.5]");
    assert_eq!(read("2[\"error\"]").unwrap().id, None);
    assert_invalid(
        &["2", "2{}", "2\"a\"", "2[]", "2[null]", "2[true]", "2[{\"toString\":\"x\"}]", "2[[]]", "2/nsp"],
        Error::InvalidPayload,
    );
    assert_invalid(&["2[\"a\"]x", "2[\"a\"", "2[\"a\"][", "2[\"a\",]"], Error::Json(JsonError::Syntax));
}

#[test]
fn reserved_names_are_compared_decoded() {
    for name in ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"] {
        assert_eq!(read(&format!("2[\"{name}\",1]")), Err(Error::ReservedEvent));
        assert_eq!(read(&format!("51-[\"{name}\",1]")), Err(Error::ReservedEvent));
    }
    assert_eq!(read("2[\"conn\\u0065ct\"]"), Err(Error::ReservedEvent));
    assert!(read("2[\"Connect\"]").is_ok());
    assert!(read("3[\"connect\"]").is_ok());
}

#[test]
fn acks() {
    let packet = read("37[]").unwrap();
    assert_eq!((packet.kind, packet.id, packet.items.len()), (Kind::Ack, Some(7), 0));
    assert_eq!(read("3/nsp,0[1,2]").unwrap().items.as_slice(), ["1", "2"]);
    assert_invalid(&["37", "37{}", "37null"], Error::InvalidPayload);
}

#[test]
fn ids_fit_64_bits() {
    assert_eq!(read("218446744073709551615[1]").unwrap().id, Some(u64::MAX));
    assert_invalid(&["218446744073709551616[1]", "299999999999999999999999[1]"], Error::BadId);
}

#[test]
fn unknown_types() {
    assert_invalid(&["", "7[\"a\"]", "x", "é", " 2[\"a\"]", "-1", "b"], Error::UnknownType);
}

#[test]
fn attachment_counts() {
    let packet = read("52-/nsp,1[\"a\",{\"_placeholder\":true,\"num\":1}]").unwrap();
    assert_eq!(
        (packet.kind, packet.attachments, packet.namespace, packet.id),
        (Kind::Event, 2, "/nsp", Some(1))
    );
    let packet = read("610-3[]").unwrap();
    assert_eq!((packet.kind, packet.attachments, packet.id), (Kind::Ack, 10, Some(3)));
    assert_invalid(
        &[
            "5[\"a\"]",
            "5-[\"a\"]",
            "50-[\"a\"]",
            "500-[\"a\"]",
            "51[\"a\"]",
            "5x-[\"a\"]",
            "5+1-[\"a\"]",
            "5-1-[\"a\"]",
            "51.5-[\"a\"]",
            "51e1-[\"a\"]",
            "5 1-[\"a\"]",
            "51",
            "5",
        ],
        Error::BadAttachments,
    );
    assert_invalid(
        &["511-[\"a\"]", "51000000000-[\"a\"]", "599999999999999999999999999-[\"a\"]"],
        Error::TooManyAttachments,
    );
}

#[test]
fn placeholders_must_be_in_range() {
    for good in [
        r#"{"_placeholder":true,"num":0}"#,
        r#"{ "num" : 1 , "_placeholder" : true }"#,
        r#"{"_placeholder":false,"num":7}"#,
        r#"{"_placeholder":"true"}"#,
        r#"{"_placeholder":true,"num":9,"num":1}"#,
        r#"{"_placeholder":true,"_placeholder":1,"num":9}"#,
        r#"{"num":9,"a":"_placeholder"}"#,
        r#"["_placeholder",true,"num",9]"#,
    ] {
        assert!(read(&format!("52-[\"a\",{good}]")).is_ok(), "{good}");
    }
    for bad in [
        r#"{"_placeholder":true,"num":2}"#,
        r#"{"_placeholder":true}"#,
        r#"{"_placeholder":true,"num":-1}"#,
        r#"{"_placeholder":true,"num":"splice"}"#,
        r#"{"_placeholder":true,"num":"0"}"#,
        r#"{"_placeholder":true,"num":1.5}"#,
        r#"{"_placeholder":true,"num":1e0}"#,
        r#"{"_placeholder":true,"num":null}"#,
        r#"{"_placeholder":true,"num":[0]}"#,
        r#"{"_placeholder":true,"num":99999999999999999999999}"#,
        r#"{"_placeholder":true,"num":1,"num":9}"#,
        r#"{"_placeholder":1,"num":9,"_placeholder":true}"#,
        r#"{"_\u0070laceholder":true,"\u006eum":2}"#,
        r#"{"a":[0,{"b":{"_placeholder":true,"num":2}}]}"#,
        r#"{"_placeholder":true,"a":{"num":0}}"#,
    ] {
        for packet in
            [format!("52-[\"a\",{bad}]"), format!("52-[\"a\",[{{}},{bad},1]]"), format!("62-1[{bad}]")]
        {
            assert_eq!(read(&packet), Err(Error::BadPlaceholder), "{packet}");
        }
        // Without attachments it is ordinary data.
        assert!(read(&format!("2[\"a\",{bad}]")).is_ok());
    }
}

#[test]
fn depth_is_limited() {
    assert!(read("2[\"a\",[[[[[[[]]]]]]]]").is_ok());
    assert_invalid(
        &["2[\"a\",[[[[[[[[]]]]]]]]]", "0{\"a\":[[[[[[[[]]]]]]]]}"],
        Error::Json(JsonError::TooDeep),
    );
}

#[test]
fn event_names() {
    assert_eq!(event_name("\"a\\n\""), "a\n");
    assert_eq!(event_name("-1.50"), "-1.50");
}

#[test]
fn encoders_write_what_the_protocol_says() {
    assert_eq!(body(&event("/", None, "a", &[], 0)), r#"42["a"]"#);
    assert_eq!(body(&event("/nsp", Some(120), "é\"", &["1", "{}"], 0)), r#"42/nsp,120["é\"",1,{}]"#);
    assert_eq!(body(&event("/nsp", Some(0), "a", &["1"], 2)), r#"452-/nsp,0["a",1]"#);
    assert_eq!(body(&ack("/", 7, &[], 0)), "437[]");
    assert_eq!(body(&ack("/nsp", 7, &["1", "\"b\""], 10)), "4610-/nsp,7[1,\"b\"]");
    assert_eq!(body(&connect("/", r#"{"sid":"x"}"#)), r#"40{"sid":"x"}"#);
    assert_eq!(body(&connect("/nsp", "")), "40/nsp,");
    assert_eq!(body(&connect_error("/nsp", r#"{"message":"no"}"#)), r#"44/nsp,{"message":"no"}"#);
    assert_eq!(body(&disconnect("/")), "41");
    assert_eq!(body(&disconnect("/nsp")), "41/nsp,");
}

fn namespace() -> impl Strategy<Value = String> {
    prop_oneof![Just("/".to_owned()), "/[^,?]{1,10}"]
}

fn args() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(
        prop_oneof![
            any::<i32>().prop_map(|number| number.to_string()),
            any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
            any::<String>().prop_map(|text| serde_json::json!({ "a": [text] }).to_string()),
        ],
        0..5,
    )
}

proptest! {
    #[test]
    fn events_round_trip(
        namespace in namespace(),
        id in any::<Option<u64>>(),
        name in "\\PC{0,12}",
        args in args(),
        attachments in 0..=10usize,
    ) {
        let raw: Vec<&str> = args.iter().map(String::as_str).collect();
        let frame = event(&namespace, id, &format!("x{name}"), &raw, attachments);
        let packet = read(&body(&frame)[1..]).expect("valid");
        prop_assert_eq!(packet.kind, Kind::Event);
        prop_assert_eq!((packet.namespace, packet.id, packet.attachments), (namespace.as_str(), id, attachments));
        prop_assert_eq!(event_name(packet.items[0]), format!("x{name}"));
        prop_assert_eq!(&packet.items[1..], &raw);
    }

    #[test]
    fn acks_round_trip(namespace in namespace(), id in any::<u64>(), args in args(), attachments in 0..=10usize) {
        let raw: Vec<&str> = args.iter().map(String::as_str).collect();
        let frame = ack(&namespace, id, &raw, attachments);
        let packet = read(&body(&frame)[1..]).expect("valid");
        prop_assert_eq!(packet.kind, Kind::Ack);
        prop_assert_eq!((packet.namespace, packet.id, packet.attachments), (namespace.as_str(), Some(id), attachments));
        prop_assert_eq!(packet.items.as_slice(), raw);
    }

    #[test]
    fn the_rest_round_trips(namespace in namespace(), text in any::<String>()) {
        let data = serde_json::json!({ "a": text }).to_string();
        for (frame, kind, data) in [
            (connect(&namespace, &data), Kind::Connect, data.as_str()),
            (connect_error(&namespace, &data), Kind::ConnectError, &data),
            (disconnect(&namespace), Kind::Disconnect, ""),
        ] {
            let packet = read(&body(&frame)[1..]).expect("valid");
            prop_assert_eq!((packet.kind, packet.namespace, packet.data), (kind, namespace.as_str(), data));
        }
    }

    #[test]
    fn arbitrary_text_does_not_panic(text in "[0-7]([0-9]{0,3}-)?(/[a-z?]{0,3},?)?[0-9]{0,3}\\PC{0,30}") {
        let _ = read(&text);
    }

    #[test]
    fn what_is_accepted_is_json_and_says_the_same_when_written_again(
        kind in "[2-6]",
        namespace in "(/[a-c]{0,2}(\\?[a-c=,]{0,3})?,)?",
        id in "[0-9]{0,3}",
        first in prop::sample::select(vec!["\"a\"", "\"\\u0061\"", "\"\\ud800\"", "\"ä\\n\"", "7", "-1.50e+2", "[]", "null"]),
        rest in prop::collection::vec(prop::sample::select(vec![
            "1", " \"x\" ", "{ \"a\" : [ ] }", "{\"_placeholder\":true,\"num\":0}", "01", "{\"a\"}", "\t",
        ]), 0..3),
        space in prop::sample::select(vec!["", " ", "\t\n"]),
    ) {
        let count = if matches!(&*kind, "5" | "6") { "1-" } else { "" };
        let items = [&[first], rest.as_slice()].concat().join(",");
        let text = format!("{kind}{count}{namespace}{id}{space}[{space}{items}]{space}");
        let Ok(packet) = read(&text) else { return Ok(()) };
        prop_assert!(serde_json::from_str::<&serde_json::value::RawValue>(packet.data).is_ok(), "{}", text);
        let frame = match (packet.kind, packet.id) {
            (Kind::Event, id) => {
                let name = event_name(packet.items[0]);
                event(packet.namespace, id, &name, &packet.items[1..], packet.attachments)
            }
            (Kind::Ack, Some(id)) => ack(packet.namespace, id, &packet.items, packet.attachments),
            _ => return Ok(()),
        };
        let again = read(&body(&frame)[1..]).expect("what the hub writes is valid");
        prop_assert_eq!((again.kind, again.namespace, again.id), (packet.kind, packet.namespace, packet.id));
        prop_assert_eq!(again.attachments, packet.attachments);
        let after_name = usize::from(packet.kind == Kind::Event);
        prop_assert_eq!(&again.items[after_name..], &packet.items[after_name..]);
        if after_name == 1 {
            prop_assert_eq!(event_name(again.items[0]), event_name(packet.items[0]));
        }
    }

    #[test]
    fn placeholder_soup_agrees_with_a_tree(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                r#"{"_placeholder":true,"num":"#, r#"{"_placeholder":false,"num":"#, r#"{"num":3,"_placeholder":"#, r#"{"a":"#, "[",
            ]),
            0..4,
        ),
        leaf in prop::sample::select(vec!["0", "1", "2", "-1", "true", "false", "\"num\"", "{}", "1.5"]),
    ) {
        let closing: String = tokens.iter().rev().map(|token| if *token == "[" { ']' } else { '}' }).collect();
        let arg = format!("{}{leaf}{closing}", tokens.concat());
        let tree: serde_json::Value = serde_json::from_str(&arg).expect("valid");
        prop_assert_eq!(read(&format!("52-[\"a\",{arg}]")).is_ok(), legal(&tree), "{}", arg);
    }
}

/// The same rule over a tree.
fn legal(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Array(items) => items.iter().all(legal),
        serde_json::Value::Object(members) => {
            let placeholder = members.get("_placeholder") == Some(&true.into());
            let in_range = members.get("num").and_then(serde_json::Value::as_u64).is_some_and(|num| num < 2);
            (!placeholder || in_range) && members.values().all(legal)
        }
        _ => true,
    }
}
