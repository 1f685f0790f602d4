//! Values of a megabyte.

use testbed::devtools::Browser;

use crate::opened::*;

const SIZE: usize = 1 << 20;

/// The longest that the page may not answer while it shows, edits or saves one, in milliseconds: some 1900 are measured on
/// two idle cores, most of them the browser's own for so large a field.
const FREEZE: f64 = 10_000.0;

/// Notes how long the page is busy without a pause, at most.
const OBSERVE: &str = "globalThis.longest = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
}).observe({ type: 'longtask' })";

const LENGTH: &str = "document.querySelector('.pane > .editor textarea').value.length";

struct Large {
    key: &'static str,
    form: &'static str,
    value: Vec<u8>,
    /// Behind this many characters of the form that is typed.
    typed: (isize, &'static str),
    /// Behind this many bytes of the value that is what it then has more.
    more: (usize, &'static str),
}

fn values() -> [Large; 3] {
    let of = |bytes: &[u8]| {
        bytes
            .iter()
            .copied()
            .cycle()
            .take(SIZE)
            .collect::<Vec<u8>>()
    };
    let all: Vec<u8> = (0..=u8::MAX).rev().collect();
    let json = format!("[{}1]", r#"{"a":[1.0,"\u0000"]},"#.repeat(SIZE / 22));
    [
        Large {
            key: "text",
            form: "Text",
            value: of("words, ümläute and\ttabs\r\n".as_bytes()),
            typed: (-1, "!"),
            more: (SIZE, "!"),
        },
        Large {
            key: "bytes",
            form: "Hex",
            value: of(&all),
            typed: (-1, " 21"),
            more: (SIZE, "!"),
        },
        Large {
            key: "json",
            form: "JSON",
            value: json.into_bytes(),
            typed: (1, "0,"),
            more: (1, "0,"),
        },
    ]
}

/// Types behind so many characters of the field, or at its end.
fn type_at(browser: &mut Browser, place: isize, text: &str) {
    let place = if place < 0 {
        "field.value.length".to_owned()
    } else {
        place.to_string()
    };
    browser
        .evaluate(&format!(
            "(() => {{
              const field = document.querySelector('.pane > .editor textarea');
              field.focus();
              field.setSelectionRange({place}, {place});
            }})()"
        ))
        .unwrap();
    browser.press_characters(text).unwrap();
}

#[test]
fn a_value_of_a_megabyte_is_shown_without_freezing_and_edited_without_damage() {
    for large in values() {
        let Large { key, form, .. } = large;
        let mut page = Opened::start(1280, false);
        page.put(key, &large.value);
        page.open("");
        page.browser.evaluate(OBSERVE).unwrap();
        page.open(&format!("#key={key}"));
        page.wait(&says("The first 16.0 KB of"));
        let drawn = page.browser.evaluate(LENGTH).unwrap();
        assert!(drawn.as_u64().unwrap() < 200_000, "{key}: {drawn}");

        page.click(".pane > .editor .forms button", form);
        page.click("button", "Show all, to edit");
        page.wait(&format!("{LENGTH} > 800000"));
        let (place, text) = large.typed;
        type_at(&mut page.browser, place, text);
        page.click("button", "Save");
        page.wait(&says("Saved at revision"));
        let mut expected = large.value;
        let (place, more) = large.more;
        expected.splice(place..place, more.bytes());
        assert!(page.value(key) == expected, "{key} is damaged");
        let longest = page.browser.evaluate("globalThis.longest").unwrap();
        println!("a megabyte of {key}: busy for {longest} ms at most");
        assert!(longest.as_f64().unwrap() < FREEZE, "{key}: {longest} ms");
    }
}
