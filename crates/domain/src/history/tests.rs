use super::*;

fn entry(created_by: &str, empty_layer: bool) -> HistoryEntry {
    HistoryEntry { created_by: created_by.to_owned(), empty_layer, ..Default::default() }
}

fn layers(n: u8) -> Vec<Descriptor> {
    let layer = |n: u8| Descriptor {
        media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
        digest: Digest::of(&[n]),
        size: u64::from(n),
        platform: None,
        annotations: vec![],
        artifact_type: None,
        urls: vec![],
    };
    (1..=n).map(layer).collect()
}

#[test]
fn lines_read_as_a_dockerfile() {
    let cases = [
        (r#"/bin/sh -c #(nop)  CMD ["bash"]"#, r#"CMD ["bash"]"#),
        ("/bin/sh -c #(nop) ADD file:0123 in / ", "ADD file:0123 in /"),
        ("/bin/sh -c apt-get update     && apt-get install -y curl", "RUN apt-get update && apt-get install -y curl"),
        ("RUN /bin/sh -c npm ci --omit=dev # buildkit", "RUN npm ci --omit=dev"),
        ("RUN |2 A=1 B=two words /bin/sh -c make all # buildkit", "RUN make all"),
        ("|1 VERSION=3 /bin/bash -o pipefail -c curl x | tar x", "RUN curl x | tar x"),
        ("/bin/bash -euxo pipefail -c make", "RUN make"),
        ("COPY --chown=10001 dist ./dist # buildkit", "COPY --chown=10001 dist ./dist"),
        ("WORKDIR /srv/web", "WORKDIR /srv/web"),
        ("ENV A=1", "ENV A=1"),
        ("RUN echo 'two  spaces'   stay", "RUN echo 'two  spaces' stay"),
        ("cmd /S /C dir", "RUN dir"),
        ("cmd /S /C #(nop)  USER me", "USER me"),
        ("bazel build //:image", "bazel build //:image"),
        ("/bin/sh", "/bin/sh"),
        ("|x", "|x"),
        ("RUN echo ü", "RUN echo ü"),
        ("", ""),
    ];
    for (raw, line) in cases {
        assert_eq!(clean(raw), line, "{raw}");
    }
}

#[test]
fn each_entry_takes_its_layer() {
    let history = [
        entry("/bin/sh -c #(nop) ADD x in /", false),
        entry("CMD [\"sh\"]", true),
        entry("RUN make # buildkit", false),
    ];
    let steps = join(&history, &layers(2));
    assert_eq!(steps.note, None);
    let sizes: Vec<_> = steps.steps.iter().map(|step| step.layer.as_ref().map(|layer| layer.size)).collect();
    assert_eq!(sizes, [Some(1), None, Some(2)]);
    assert_eq!(steps.steps[2].instruction(), "RUN");
    assert_eq!(steps.steps[2].raw, "RUN make # buildkit");
}

#[test]
fn mismatched_counts_lose_nothing_and_are_noted() {
    let more_layers = join(&[entry("RUN a", false)], &layers(3));
    assert_eq!(more_layers.steps.iter().filter(|step| step.layer.is_some()).count(), 3);
    assert!(more_layers.note.expect("a note").contains("1 layers, the manifest has 3"));
    let fewer_layers = join(&[entry("RUN a", false), entry("RUN b", false)], &layers(1));
    assert_eq!(fewer_layers.steps.len(), 2);
    assert_eq!(fewer_layers.steps[1].layer, None);
    assert!(fewer_layers.note.is_some());
}

#[test]
fn without_history_the_layers_stand_alone() {
    let steps = join(&[], &layers(2));
    assert_eq!(steps.steps.len(), 2);
    assert_eq!(steps.note.as_deref(), Some("The image tells no history."));
    assert_eq!(join(&[], &[]), Steps::default());
}

proptest::proptest! {
    #[test]
    fn no_line_makes_cleaning_panic(raw in "(RUN |\\|1 A=b )?(/bin/[a-z]{0,3}sh (-o x )?-?c? ?)?\\PC{0,40}") {
        let _ = clean(&raw);
    }
}
